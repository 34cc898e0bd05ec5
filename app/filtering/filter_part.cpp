#include "filtering/filter_part.hpp"

#include <algorithm>
#include <filesystem>

#include "base/error.hpp"
#include "base/resident_memory.hpp"
#include "base/size.hpp"
#include "batch/content_hash.hpp"
#include "files/file_stamp.hpp"
#include "files/format_table.hpp"
#include "files/image_file.hpp"
#include "files/output/abandoned_files.hpp"
#include "files/output/output_file.hpp"
#include "files/output/output_target.hpp"
#include "filtering/input_pages.hpp"
#include "filtering/region_patch.hpp"
#include "filtering/row_filtering.hpp"
#include "filtering/sample_grid.hpp"
#include "pipeline/band_plan.hpp"
#include "pipeline/rescaling.hpp"
#include "pipeline/row_filter.hpp"
#include "shards/part_file.hpp"
#include "tensor/window.hpp"
#include "timing/timing.hpp"

namespace conv {
namespace {

/// The rows of one part: whole units, as even as they can be.
RowRange rows_of_part(std::int64_t height, std::int64_t unit, const Shard& shard) {
    const std::int64_t units = ceil_div(height, unit);
    const std::int64_t first = units * (shard.index - 1) / shard.count * unit;
    const std::int64_t end = units * shard.index / shard.count * unit;
    return {std::min(first, height), std::min(end, height) - std::min(first, height)};
}

/// One part on its way, page by page.
class PartFiltering {
public:
    PartFiltering(InputPages& input, const OutputPlan& outputs, const FilterJob& job,
                  const PartOrder& order, FileReport& report)
        : input_(input), outputs_(outputs), job_(job), order_(order), report_(report) {
        for (FilterStage& stage : stages_)
            stage.settings.limits.max_memory.reset();  // it refuses, but does not choose
    }

    /// Throws where the picture cannot be made in parts.
    void check() const;
    void filter_pages(RowFileWriter& writer, PartWriter& part);
    /// What decides every byte of the file and is not in the options: of all pages.
    const std::string& problems() const { return problems_; }
    const std::string& methods() const { return methods_; }

private:
    std::string obstacle() const;
    void filter_page(std::int64_t page, RowFileWriter& writer, PartWriter& part);
    PageHeader result_header(const ChainFilter& chain, PageHeader header) const;
    void prepare(RowFilter& filter, const RowReader& rows, std::int64_t encoder_bytes) const;
    void describe(const RowFilter& filter, std::int64_t page, std::int64_t unit);
    void run(RowFilter& filter, RowReader& rows, RowRange range, BegunPage& page);

    InputPages& input_;
    const OutputPlan& outputs_;
    const FilterJob& job_;
    const PartOrder& order_;
    FileReport& report_;
    std::vector<FilterStage> stages_ = report_.stages;
    std::string problems_, methods_;
    Totals totals_;
};

PageHeader PartFiltering::result_header(const ChainFilter& chain, PageHeader header) const {
    const PageProblem& page = chain.last();
    const Image form = outputs_.pictures_of(page.new_results(0), outputs_.files()[0].map).front();
    header.picture = info_of(form);
    header.picture.shape.H = page.result_shape().H;
    header.metadata.grid = sample_grid(chain);
    return header;
}

void PartFiltering::prepare(RowFilter& filter, const RowReader& rows,
                            std::int64_t encoder_bytes) const {
    filter.prepare({base_memory_bytes() + rows.memory_bytes() + encoder_bytes, job_.band_rows(),
                    report_.settings.limits.max_memory, rows.can_seek()});
}

void PartFiltering::describe(const RowFilter& filter, std::int64_t page, std::int64_t unit) {
    for (std::size_t i = 0; i < filter.chain().size(); ++i) {
        const PageFilter& planned = filter.chain().stage(i);
        const char* comma = page == 0 && i == 0 ? "" : ", ";
        problems_ += comma + format_problem(planned.problem());
        methods_ += fmt::format("{}{} on {}, blocks of {}, cuts at {}", comma,
                                planned.choice().method->name, planned.choice().device->name,
                                planned.plan().block_rows, unit);
    }
    if (page > 0) return;
    describe_chain(filter.chain(), report_.filter);
    report_.filter.threads = filter.threads();
    report_.filter.workspace_bytes = filter.memory_bytes();
}

void PartFiltering::run(RowFilter& filter, RowReader& rows, RowRange range, BegunPage& page) {
    RowRange written = range;
    if (page.patched) {
        page.patched->restrict_to(range);
        written = common_rows(range, *page.changed);
    }
    if (written.count > 0) {
        totals_.add(filter_part_of_rows(
            filter, rows, written, [&](RowRange at, const std::vector<Image>& bands) {
                page.rows->write(at, outputs_.pictures_of(bands, outputs_.files()[0].map).front());
            }));
    }
    page.rows->finish();
    report_.filter.values += filter.page().value_count(range);
    report_.seconds.read += filter.seconds().read;
    report_.seconds.filter += filter.seconds().filter / filter.threads();
    report_.seconds.write += filter.seconds().take;
}

void PartFiltering::filter_page(std::int64_t page, RowFileWriter& writer, PartWriter& part) {
    const PageHeader input = input_.reader->header(page);
    require_same_depth(input_.name, report_.input.first.type, input.picture.type, job_);
    const std::unique_ptr<RowReader> rows = input_.reader->rows(page);
    RowFilter filter(job_.devices(), stages_, input.picture);
    prepare(filter, *rows, 0);
    const PageHeader header = result_header(filter.chain(), input);
    BegunPage begun = begin_page(
        writer, header, region_patch(*input_.reader, page, input.picture, report_.settings));
    const RowWriter& encoded = *begun.rows;
    if (!encoded.any_order()) {
        fail(ErrorKind::unsupported,
             "--shard: rows of this format depend on those before them, write .tif, .ppm, .pfm or "
             ".npy");
    }
    if (report_.settings.limits.max_memory) prepare(filter, *rows, encoded.memory_bytes());
    const std::int64_t unit = round_up(filter.filter().plan().block_rows, encoded.strip_rows());
    describe(filter, page, unit);
    const RowRange range = rows_of_part(header.picture.shape.H, unit, order_.shard);
    if (range.count == 0) return;
    part.set_keeping(true);
    run(filter, *rows, range, begun);
}

void PartFiltering::filter_pages(RowFileWriter& writer, PartWriter& part) {
    for (std::int64_t page = 0; page < input_.reader->page_count(); ++page) {
        part.set_keeping(order_.shard.index == 1);
        filter_page(page, writer, part);
    }
    report_.filter.lost = totals_.lost;
}

std::string PartFiltering::obstacle() const {
    const std::string& output = order_.output;
    if (!std::filesystem::is_regular_file(order_.input))
        return "the input must be a file, which all parts read";
    if (!input_.reader) return "the input's format is read as a whole";
    if (job_.volume()) return "--volume takes slabs of slices";
    if (std::string whole = keeps_whole(job_, outputs_); !whole.empty()) return whole;
    if (job_.codec() == Codec::opencv) return "--codec opencv takes whole pictures";
    if (rescales(report_.settings))
        return "--range rescale needs the values of the whole picture before it writes the first";
    if (checked_target(output, job_.write()) != Target::file)
        return "a part lies beside a file, name one";
    if (outputs_.paths() != std::vector{output}) return "{k} and {page} make several files";
    if (!file_format(output_format(output, input_.document.format).name).create_rows)
        return "the output's format is written as a whole, use .tif, .ppm, .pfm or .npy";
    return {};
}

void PartFiltering::check() const {
    const std::string reason = obstacle();
    if (reason.empty()) return;
    fail(ErrorKind::unsupported, "{}: cannot be made with --shard: {}", output_name(order_.output),
         reason);
}

/// What must be the same in all parts and is known before the picture is.
std::vector<std::pair<std::string, std::string>> plan_of(const PartOrder& order,
                                                         const FileStamp& input) {
    return {{"output", std::filesystem::path(target_file(order.output)).filename().string()},
            {"input", std::filesystem::path(order.input).filename().string()},
            {"input_bytes", std::to_string(input.size)},
            {"input_time_ns", std::to_string(input.time_ns)},
            {"options", order.identity.options},
            {"kernel", order.identity.kernel},
            {"version", order.identity.version}};
}

/// What a part says of itself when it is complete.
PartHeader header_of(const PartOrder& order, const FileStamp& input,
                     const PartFiltering& filtering) {
    PartHeader header{order.shard.index, order.shard.count, plan_of(order, input), {}, {}, {}};
    header.plan.emplace_back("problem", filtering.problems());
    header.plan.emplace_back("method", filtering.methods());
    return header;
}

/// Adds where blocks belong, which the places of their bytes do not say.
void add_blocks(PartBlocks blocks, const FileFormat& format, PartHeader& header) {
    header.format = format.holds.name;
    header.plan.emplace_back("metadata", ContentHash().add(blocks.tail).text());
    if (header.index > 1) blocks.tail.clear();  // once is enough
    header.blocks = std::move(blocks);
}

}  // namespace

FileReport filter_part(const PartOrder& order, const FilterJob& job,
                       const std::function<void(const FileReport&)>& before_commit) {
    const double start = steady_seconds();
    const auto& [input_path, output, shard, identity] = order;
    if (std::filesystem::path(output).has_extension()) output_format(output, "");
    const FileStamp stamp = stamp_of(input_path).value_or(FileStamp{});
    FileReport report;
    InputPages input = open_pages(input_path, job.read(), job.codec(), report.input);
    const OutputPlan outputs = plan_outputs(input.document, output, job, report);
    PartFiltering filtering(input, outputs, job, order, report);
    filtering.check();
    const std::string target = target_file(output);
    report.notes = remove_abandoned_files(std::filesystem::path(target).parent_path().string());
    report.outputs = {part_path(target, shard.index, shard.count)};
    PartWriter part(report.outputs.front());
    const FileFormat& format = file_format(output_format(output, input.document.format).name);
    part.set_keeping(shard.index == 1 && !format.join);
    const ImageDocument description = outputs.description(input.document, report.settings.depth);
    const auto writer =
        create_checked_rows(output, description, outputs.file_pages(), job.write(), part.sink());
    filtering.filter_pages(*writer, part);
    part.set_keeping(shard.index == shard.count);
    std::optional<PartBlocks> blocks = writer->finish_part();
    report.notes.insert(report.notes.end(), writer->notes().begin(), writer->notes().end());
    report.seconds.wall = steady_seconds() - start;
    if (before_commit) before_commit(report);
    PartHeader header = header_of(order, stamp, filtering);
    if (blocks) add_blocks(*std::move(blocks), format, header);
    part.commit(std::move(header), job.write().sync);
    return report;
}

}  // namespace conv
