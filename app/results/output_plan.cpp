#include "results/output_plan.hpp"

#include <algorithm>
#include <regex>

#include "base/error.hpp"
#include "files/file_bytes.hpp"
#include "files/image_file.hpp"
#include "pipeline/channels.hpp"

namespace conv {
namespace {

constexpr std::string_view kMapMark = "{k}", kPageMark = "{page}";

/// The path with every mark replaced by `number`, padded with zeros to the width of count - 1.
std::string numbered(std::string path, std::string_view mark, std::int64_t number,
                     std::int64_t count) {
    const std::size_t digits = std::to_string(count - 1).size();
    const std::string text = fmt::format("{:0{}}", number, digits);
    for (std::size_t at = path.find(mark); at != std::string::npos;
         at = path.find(mark, at + text.size())) {
        path.replace(at, mark.size(), text);
    }
    return path;
}

/// Throws Error{usage} for a field in braces that is none of the two above.
void check_fields(const std::string& path) {
    static const std::regex field("\\{[A-Za-z_][A-Za-z_0-9]*(:[^{}]*)?\\}");
    for (std::sregex_iterator at(path.begin(), path.end(), field), end; at != end; ++at) {
        if (at->str() == kMapMark || at->str() == kPageMark) continue;
        fail(ErrorKind::usage,
             "{}: the field {} is not known here, use {{k}} for maps and {{page}} for pages",
             display_name(path), display_name(at->str()));
    }
}

/// `count` channels of a picture from `first` on, sharing its samples.
Image channels_of(const Image& picture, std::int64_t first, std::int64_t count) {
    Image part = picture;
    part.samples = {picture.samples, picture.data<const std::byte>() +
                                         first * picture.strides.C *
                                             static_cast<std::int64_t>(sample_bytes(picture.type))};
    part.shape.C = count;
    part.has_alpha = picture.has_alpha && first + count == picture.shape.C;
    return part;
}

/// One picture whose channels are the given pictures, each of one channel.
template <typename T>
void copy_planes(const std::vector<Image>& pictures, const Image& merged) {
    for (std::size_t k = 0; k < pictures.size(); ++k) {
        const Image& from = pictures[k];
        T* to = merged.data<T>() + static_cast<std::int64_t>(k) * merged.strides.C;
        for (std::int64_t h = 0; h < from.shape.H; ++h) {
            const T* row = from.data<const T>() + h * from.strides.H;
            for (std::int64_t w = 0; w < from.shape.W; ++w) {
                to[h * merged.strides.H + w * merged.strides.W] = row[w * from.strides.W];
            }
        }
    }
}

Image merge_pictures(const std::vector<Image>& pictures) {
    const Image& first = pictures.front();
    const auto count = static_cast<std::int64_t>(pictures.size());
    Image merged = count == 3 ? Image::interleaved(first.type, count, first.shape.H, first.shape.W)
                              : Image::planar(first.type, count, first.shape.H, first.shape.W);
    switch (first.type) {
        case SampleType::u8:
            copy_planes<std::uint8_t>(pictures, merged);
            break;
        case SampleType::u16:
            copy_planes<std::uint16_t>(pictures, merged);
            break;
        case SampleType::f32:
            copy_planes<float>(pictures, merged);
            break;
    }
    return merged;
}

}  // namespace

ResultLayout result_layout(std::span<const FilterStage> stages, const PictureInfo& first,
                           std::int64_t pages) {
    ResultLayout layout;
    layout.pages = pages;
    layout.plane = first.shape.C == 1;
    PictureInfo page = first;
    for (const FilterStage& stage : stages) {
        page = stage_result(page, stage);
        layout.maps = layout.maps || !stage.bank.each_channel;
    }
    const FilterStage& last = stages.back();
    const bool stacks = last.bank.each_channel && last.settings.combine == Combine::stack;
    layout.pictures = stacks ? last.bank.K : 1;
    layout.channels = page.shape.C;
    layout.has_alpha = page.has_alpha;
    return layout;
}

OutputPlan::OutputPlan(std::string path, const ImageDocument& input, const ResultLayout& layout,
                       SampleType type)
    : path_(std::move(path)), layout_(layout) {
    check_fields(path_);
    const OutputFormat& format = output_format(path_, input.format);
    array_ = format.name == "npy";
    by_map_ = path_.find(kMapMark) != std::string::npos;
    by_page_ = path_.find(kPageMark) != std::string::npos;
    list_files();
    const FileContent content = content_of(input);
    check_representable(format, path_, type, content.channels, content.has_alpha, content.pages);
    if (array_) rank_ = rank_of(input, content);
}

/// A file for each page and each map that the path numbers.
void OutputPlan::list_files() {
    const std::int64_t colours = layout_.channels - (layout_.has_alpha ? 1 : 0);
    const std::int64_t maps = layout_.maps ? colours : layout_.pictures;
    for (std::int64_t page = 0; page < (by_page_ ? layout_.pages : 1); ++page) {
        for (std::int64_t k = 0; k < (by_map_ ? maps : 1); ++k) {
            std::string file =
                numbered(numbered(path_, kMapMark, k, maps), kPageMark, page, layout_.pages);
            files_.push_back({std::move(file), by_page_ ? page : -1, by_map_ ? k : -1});
        }
    }
}

/// What one file holds. Throws Error{usage} where it would be several pictures a page that no
/// format takes.
OutputPlan::FileContent OutputPlan::content_of(const ImageDocument& input) const {
    const bool several = layout_.pictures > 1 && !by_map_;
    const std::int64_t pages = file_pages();
    const bool merged = several && layout_.channels == 1 && (!array_ || pages == 1);
    if (several && !merged && !(array_ && pages == 1 && input.array_rank < 4)) {
        fail(ErrorKind::usage,
             "{}: {} kernels give {} pictures a page, put {{k}} in the output's "
             "name to number them, use --combine, or a .npy for one page",
             path_, layout_.pictures, layout_.pictures);
    }
    const bool single_map = by_map_ && layout_.maps, apart = several && !merged;
    const std::int64_t channels = merged ? layout_.pictures : single_map ? 1 : layout_.channels;
    return {channels, layout_.has_alpha && !single_map, apart ? layout_.pictures : pages, apart,
            single_map};
}

/// The axes of an array: those of the input where they say all, and more where they do not.
int OutputPlan::rank_of(const ImageDocument& input, const FileContent& content) const {
    if (layout_.volume && !by_page_) return 3;
    if (file_pages() > 1 || (input.array_rank == 4 && !by_page_) || content.pictures_apart) {
        return 4;
    }
    const bool input_plane = input.array_rank == 2 || (input.array_rank == 0 && layout_.plane);
    return content.channels == 1 && (input_plane || content.single_map) ? 2 : 3;
}

std::vector<std::string> OutputPlan::paths() const {
    std::vector<std::string> paths;
    for (const File& file : files_) paths.push_back(file.path);
    return paths;
}

std::int64_t OutputPlan::file_pages() const {
    return by_page_ ? 1 : layout_.pages;
}

std::int64_t OutputPlan::pictures_a_page() const {
    const bool merged = layout_.channels == 1 && rank_ != 4;
    return by_map_ || merged ? 1 : layout_.pictures;
}

ImageDocument OutputPlan::description(const ImageDocument& input, SampleType result) const {
    ImageDocument document;
    document.array_rank = rank_;
    document.format = input.format;
    document.metadata = input.metadata;
    const bool wide = input.maximum > 255;
    const SampleType scaled = wide ? SampleType::u16 : SampleType::u8;
    if (result == scaled) document.maximum = input.maximum;
    return document;
}

std::vector<Image> OutputPlan::pictures_of(const std::vector<Image>& pictures,
                                           std::int64_t map) const {
    if (map >= 0) {
        return {layout_.maps ? channels_of(pictures.front(), map, 1)
                             : pictures[static_cast<std::size_t>(map)]};
    }
    if (pictures.size() > 1 && layout_.channels == 1 && rank_ != 4)
        return {merge_pictures(pictures)};
    return pictures;
}

std::vector<std::pair<std::string, ImageDocument>> OutputPlan::documents(
    FilterResult result, const ImageDocument& input) const {
    std::vector<std::pair<std::string, ImageDocument>> documents;
    for (const File& file : files_) {
        ImageDocument document = description(input, result.pages.front().front().type);
        for (std::size_t page = 0; page < result.pages.size(); ++page) {
            if (file.page >= 0 && file.page != static_cast<std::int64_t>(page)) continue;
            for (Image& image : pictures_of(result.pages[page], file.map)) {
                document.pages.push_back(std::move(image));
            }
        }
        documents.emplace_back(file.path, std::move(document));
    }
    return documents;
}

}  // namespace conv
