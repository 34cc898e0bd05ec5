#include "files/output/output_file.hpp"

#include <algorithm>
#include <optional>

#include "files/format_table.hpp"
#include "files/image_file.hpp"
#include "files/output/byte_sink.hpp"
#include "files/output/output_target.hpp"
#include "files/output/pending_file.hpp"
#include "files/output/unnamed_file.hpp"
#include "files/page_patch.hpp"
#include "files/row_document.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

void drop_foreign_profile(Metadata& metadata, const PictureInfo& picture, const std::string& name,
                          std::vector<std::string>& notes) {
    std::vector<std::uint8_t>& profile = metadata.icc_profile;
    if (profile.empty()) return;
    const std::int64_t colours = picture.shape.C - static_cast<std::int64_t>(picture.has_alpha);
    if (icc_colour_space(profile) == (colours == 3 ? "RGB " : "GRAY")) return;
    profile.clear();
    notes.push_back(fmt::format("{}: the colour profile of the input does not fit {} channel{}",
                                name, colours, colours == 1 ? "" : "s"));
}

/// What can be said of a page before it is encoded.
void check_page(const OutputFormat& format, const std::string& path, const PictureInfo& picture,
                std::int64_t pages) {
    const Shape& shape = picture.shape;
    check_representable(format, path, picture.type, shape.C, picture.has_alpha, pages);
    if (std::max(shape.H, shape.W) <= format.largest_side) return;
    fail(ErrorKind::unsupported, "{}: {} x {} pixels, {} takes up to {} a side: use .tif or .npy",
         output_name(path), shape.W, shape.H, format.name, format.largest_side);
}

/// Whether the format's writer looks at Metadata::late itself.
bool places_late(const OutputFormat& format) {
    return format.name == "png" || format.name == "jpeg";
}

/// Names what came after the samples of a pipe.
void note_too_late(std::shared_ptr<Metadata> late, std::vector<std::string>& notes) {
    Metadata waiting;
    waiting.late = std::move(late);
    note_late(waiting, "the output", notes);
}

/// A format's writer whose pages are checked, and lose what they must not carry.
class CheckedWriter final : public RowFileWriter, public PatchTarget {
public:
    CheckedWriter(const OutputFormat& format, std::string path, std::int64_t pages,
                  bool keep_metadata, std::unique_ptr<RowFileWriter> writer)
        : format_(format),
          path_(std::move(path)),
          pages_(pages),
          keep_metadata_(keep_metadata),
          writer_(std::move(writer)) {}

    std::unique_ptr<RowWriter> add_page(const PageHeader& header) override {
        return writer_->add_page(checked(header));
    }
    std::unique_ptr<PatchWriter> add_patched_page(const PageHeader& header,
                                                  const PagePatch& patch) override {
        auto* target = dynamic_cast<PatchTarget*>(writer_.get());
        return target ? target->add_patched_page(checked(header), patch) : nullptr;
    }
    void finish() override {
        writer_->finish();
        notes_.insert(notes_.end(), writer_->notes().begin(), writer_->notes().end());
        if (!places_late(format_)) note_too_late(late_, notes_);
    }
    std::optional<PartBlocks> finish_part() override {
        std::optional<PartBlocks> blocks = writer_->finish_part();
        notes_.insert(notes_.end(), writer_->notes().begin(), writer_->notes().end());
        return blocks;
    }
    const std::vector<std::string>& notes() const override { return notes_; }

private:
    PageHeader checked(PageHeader page) {
        check_page(format_, path_, page.picture, pages_);
        if (format_.name == "npy") check_same_size(page.picture);
        if (!keep_metadata_) page.metadata = page.metadata.stripped();
        drop_foreign_profile(page.metadata, page.picture, output_name(path_), notes_);
        late_ = page.metadata.late;
        return page;
    }
    /// An array has one shape.
    void check_same_size(const PictureInfo& page) {
        if (!first_) first_ = page;
        if (page.shape == first_->shape && page.type == first_->type) return;
        fail(ErrorKind::usage,
             "{}: pages of different sizes do not fit one .npy array, put {{page}} into the name "
             "or use .tif",
             output_name(path_));
    }

    const OutputFormat& format_;
    std::optional<PictureInfo> first_;
    std::string path_;
    std::int64_t pages_;
    bool keep_metadata_;
    std::unique_ptr<RowFileWriter> writer_;
    std::vector<std::string> notes_;
    std::shared_ptr<Metadata> late_;
};

/// Encodes a whole document.
void encode(const OutputFormat& format, ImageDocument document, const WriteOptions& options,
            ByteSink& sink, std::vector<std::string>& notes) {
    const FileFormat& file = file_format(format.name);
    if (file.write) return file.write(std::move(document), options, sink, notes);
    const auto pages = static_cast<std::int64_t>(document.pages.size());
    const auto writer = file.create_rows(document, pages, options, sink);
    write_document(document, *writer);
    notes.insert(notes.end(), writer->notes().begin(), writer->notes().end());
}

}  // namespace

void check_output_path(const std::string& path, const WriteOptions& options) {
    checked_target(path, options);
    refuse_terminal(path);
}

/// One output: a pending file, or a stream with what is held back for it.
class OutputFiles::Output {
public:
    std::string path;
    bool sync = false, text = false;
    std::unique_ptr<PendingFile> file;
    std::unique_ptr<OutputStream> stream;  ///< open while rows are encoded
    std::unique_ptr<UnnamedFile> spool;    ///< what the stream gets at the end
    ByteSink sink;
    std::unique_ptr<RowFileWriter> writer;

    void commit() {
        if (file) return file->commit(sync);
        if (!stream) stream = std::make_unique<OutputStream>(path, text);
        if (spool) return spool->copy_to(stream->descriptor(), output_name(path));
        const std::vector<std::uint8_t> bytes = sink.take_collected();
        if (!bytes.empty()) stream->write(bytes);
    }
};

OutputFiles::OutputFiles() = default;
OutputFiles::~OutputFiles() = default;

/// Opens the pending file where the output is one; a stream is left to the caller.
std::unique_ptr<OutputFiles::Output> OutputFiles::begin(const std::string& path,
                                                        const WriteOptions& options) {
    auto output = std::make_unique<Output>();
    output->path = path;
    output->sync = options.sync;
    if (checked_target(path, options) == Target::stream) return output;
    const std::string name = output_name(path), target = target_file(path);
    for (const auto& other : outputs_) {
        if (other->file && other->file->target() == target) {
            fail(ErrorKind::input, "{}: two outputs go to this one file", name);
        }
    }
    output->file = std::make_unique<PendingFile>(target, name, options.overwrite);
    output->sink = ByteSink(output->file->descriptor(), name);
    return output;
}

void OutputFiles::finish_file(Output& output) {
    if (!output.file) return;
    output.file->finish(output.sync);
    note(output.file->note());
}

void OutputFiles::add(const std::string& path, ImageDocument document,
                      const WriteOptions& options) {
    const OutputFormat& format = output_format(path, document.format);
    const Encoder own = [&](ImageDocument given, ByteSink& sink, std::vector<std::string>& notes) {
        const std::shared_ptr<Metadata> late = given.metadata.late;
        encode(format, std::move(given), options, sink, notes);
        if (!places_late(format)) note_too_late(late, notes);
    };
    add_by(own, path, std::move(document), options);
}

void OutputFiles::add_by(const Encoder& encode, const std::string& path, ImageDocument document,
                         const WriteOptions& options) {
    const std::string name = output_name(path);
    const OutputFormat& format = output_format(path, document.format);
    for (const Image& page : document.pages) {
        check_page(format, path, info_of(page), static_cast<std::int64_t>(document.pages.size()));
    }
    if (!options.keep_metadata) document.metadata = document.metadata.stripped();
    std::vector<std::string> notes;
    if (!document.pages.empty()) {
        drop_foreign_profile(document.metadata, info_of(document.pages[0]), name, notes);
    }
    std::unique_ptr<Output> output = begin(path, options);
    try {
        encode(std::move(document), output->sink, notes);
    } catch (const Error& error) {  // formats do not know the file
        if (std::string_view(error.what()).starts_with(name)) throw;
        fail(error.kind(), "{}: {}", name, error.what());
    }
    finish_file(*output);
    outputs_.push_back(std::move(output));
    for (const std::string& text : notes) note(text);
}

void OutputFiles::add_bytes(const std::string& path, std::string_view bytes, bool text) {
    std::unique_ptr<Output> output = begin(path, {});
    output->text = text;
    output->sink.write(bytes);
    finish_file(*output);
    outputs_.push_back(std::move(output));
}

std::unique_ptr<RowFileWriter> create_checked_rows(const std::string& path,
                                                   const ImageDocument& description,
                                                   std::int64_t pages, const WriteOptions& options,
                                                   ByteSink& sink) {
    const OutputFormat& holds = output_format(path, description.format);
    return std::make_unique<CheckedWriter>(
        holds, path, pages, options.keep_metadata,
        file_format(holds.name).create_rows(description, pages, options, sink));
}

RowFileWriter& OutputFiles::add_rows(const std::string& path, const ImageDocument& description,
                                     std::int64_t pages, const WriteOptions& options) {
    const OutputFormat& holds = output_format(path, description.format);
    const FileFormat& format = file_format(holds.name);
    std::unique_ptr<Output> output = begin(path, options);
    if (!output->file) {
        const std::string name = output_name(path);
        output->stream = std::make_unique<OutputStream>(path);
        output->sink = ByteSink(output->stream->descriptor(), name);
        if (options.spool || (format.rows_need_seek && !output->sink.can_seek())) {
            output->spool = std::make_unique<UnnamedFile>(name);
            output->sink = ByteSink(output->spool->descriptor(), name);
        }
    }
    output->writer = create_checked_rows(path, description, pages, options, output->sink);
    outputs_.push_back(std::move(output));
    return *outputs_.back()->writer;
}

void OutputFiles::finish(RowFileWriter& writer) {
    writer.finish();
    for (const std::string& text : writer.notes()) note(text);
    for (const auto& output : outputs_) {
        if (output->writer.get() != &writer) continue;
        finish_file(*output);
        output->writer.reset();
        return;
    }
}

void OutputFiles::note(const std::string& text) {
    const bool said = std::find(notes_.begin(), notes_.end(), text) != notes_.end();
    if (!text.empty() && !said) notes_.push_back(text);
}

void OutputFiles::commit() {
    for (const auto& output : outputs_) output->commit();
    outputs_.clear();
}

}  // namespace conv
