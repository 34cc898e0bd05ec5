#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "files/image_document.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/stages.hpp"

namespace conv {

/// What a filtering will give, known before it is computed.
struct ResultLayout {
    std::int64_t pages = 1;
    std::int64_t pictures = 1;  ///< of each page
    std::int64_t channels = 1;  ///< of each picture, alpha included
    bool has_alpha = false;
    bool maps = false;    ///< the channels of a picture are maps, {k} numbers them
    bool plane = false;   ///< the input is one plane: an array of it is H x W
    bool volume = false;  ///< pages are slices of a volume: an array of them is Z x H x W
};

/// For an input of `pages` pages like `first`.
ResultLayout result_layout(std::span<const FilterStage> stages, const PictureInfo& first,
                           std::int64_t pages);

/// One output file: its path, and which parts of the result it holds. Made before computing, so
/// that what cannot be written fails at once.
class OutputPlan {
public:
    /// Of `input` its format and array rank matter. Throws Error{usage} where the format
    /// cannot hold the result, naming what can: {k}, {page}, `.npy`, another format or option.
    OutputPlan(std::string path, const ImageDocument& input, const ResultLayout& layout,
               SampleType type);

    /// All paths that will be written.
    std::vector<std::string> paths() const;

    /// One output file.
    struct File {
        std::string path;
        std::int64_t page, map;  ///< -1: all of them
    };
    const std::vector<File>& files() const { return files_; }
    /// Pages of each file.
    std::int64_t file_pages() const;
    /// How many pictures of its own a page adds to a file: more than one in a K x C x H x W array.
    std::int64_t pictures_a_page() const;
    /// What a file states of itself before its pictures: rank, format, metadata.
    ImageDocument description(const ImageDocument& input, SampleType result) const;
    /// What one page contributes to the file that holds `map`: pictures, or bands of their rows.
    std::vector<Image> pictures_of(const std::vector<Image>& pictures, std::int64_t map) const;

    /// The documents of all files, in the order of paths(); takes the result's pictures.
    std::vector<std::pair<std::string, ImageDocument>> documents(FilterResult result,
                                                                 const ImageDocument& input) const;

private:
    struct FileContent {
        std::int64_t channels;
        bool has_alpha;
        std::int64_t pages;   ///< pictures, where a page has several
        bool pictures_apart;  ///< a page has several pictures
        bool single_map;      ///< one of a bank's maps
    };
    void list_files();
    FileContent content_of(const ImageDocument& input) const;
    int rank_of(const ImageDocument& input, const FileContent& content) const;

    std::string path_;
    ResultLayout layout_;
    bool array_ = false;   ///< the format is .npy
    bool by_map_ = false;  ///< {k} is in the path
    bool by_page_ = false;
    int rank_ = 0;  ///< of the array; 0 for pictures
    std::vector<File> files_;
};

}  // namespace conv
