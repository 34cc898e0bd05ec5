#include "filtering/row_filtering.hpp"

#include <memory>
#include <optional>

#include "base/error.hpp"
#include "base/resident_memory.hpp"
#include "base/size.hpp"
#include "filtering/input_pages.hpp"
#include "filtering/kept_rows.hpp"
#include "filtering/region_patch.hpp"
#include "filtering/result_files.hpp"
#include "filtering/sample_grid.hpp"
#include "pipeline/rescaling.hpp"
#include "pipeline/row_filter.hpp"
#include "tensor/window.hpp"

namespace conv {
namespace {

/// One file on its way from rows to rows, page by page.
class RowFiltering {
public:
    RowFiltering(RowFileReader& reader, const FilterJob& job, FileReport& report,
                 ResultFiles& files)
        : reader_(reader), job_(job), report_(report), files_(files) {}

    /// `kept`, where not null, takes the rows instead of the files.
    void filter_page(std::int64_t page, KeptRows* kept);
    /// Brings kept rows into the range that all pages together have.
    void write_rescaled(const KeptRows& kept);
    const Totals& totals() const { return totals_; }

private:
    bool reuses_filter(const PictureInfo& picture);
    BandLimits limits(const RowReader& rows) const;
    void begin(std::int64_t page, PageHeader header, const RowReader& rows, KeptRows* kept);
    void run(RowReader& rows, const RowFilter::Take& take);
    void check_writers(std::int64_t kept_bytes) const;

    RowFileReader& reader_;
    const FilterJob& job_;
    FileReport& report_;
    ResultFiles& files_;
    std::unique_ptr<RowFilter> filter_;
    PictureInfo picture_;  ///< that filter_ is for
    Totals totals_;
};

/// Makes the filter of a page, unless the page before had the same form: its plan and bands serve
/// again then.
bool RowFiltering::reuses_filter(const PictureInfo& picture) {
    if (filter_ && same_form(picture, picture_)) return true;
    filter_.reset();
    picture_ = picture;
    filter_ = std::make_unique<RowFilter>(job_.devices(), report_.stages, picture_);
    return false;
}

/// What is taken besides bands and workspaces: the program itself, reader and writers.
BandLimits RowFiltering::limits(const RowReader& rows) const {
    BandLimits limits{report_.settings.limits.memory_in_use, job_.band_rows()};
    limits.memory_in_use += rows.memory_bytes() + files_.memory_bytes();
    // All of the memory chooses, a share of it does not.
    const auto& share = report_.share;
    if (share && share->most < *report_.settings.limits.max_memory) limits.most = share->most;
    limits.reads_again = rows.can_seek();
    return limits;
}

/// Chooses method and bands, and begins the page in the files. Writers say what they hold when they
/// are there, but must not have begun where the memory is too small anyway.
void RowFiltering::begin(std::int64_t page, PageHeader header, const RowReader& rows,
                         KeptRows* kept) {
    const bool prepared = reuses_filter(header.picture);
    if (!prepared) filter_->prepare(limits(rows));
    const PageProblem& planned = filter_->page();
    const std::int64_t height = planned.result_shape().H;
    header.metadata.grid = sample_grid(filter_->chain());
    if (kept) return kept->begin_page(height, std::move(header.metadata));
    files_.set_patch(region_patch(reader_, page, header.picture, report_.settings));
    files_.begin_page(page, height, planned.new_results(0), header.metadata);
    if (!prepared && report_.settings.limits.max_memory) filter_->prepare(limits(rows));
}

void RowFiltering::run(RowReader& rows, const RowFilter::Take& take) {
    const BandSeconds before = filter_->seconds();
    if (const auto& part = files_.patched_rows()) {
        totals_.add(filter_part_of_rows(*filter_, rows, *part, take));
    } else {
        filter_->restrict_to({});
        totals_.add(filter_->run(rows, take));
    }
    const BandSeconds& after = filter_->seconds();
    report_.seconds.read += after.read - before.read;
    report_.seconds.filter += (after.filter - before.filter) / filter_->threads();
    report_.seconds.write += after.take - before.take;
}

void RowFiltering::filter_page(std::int64_t page, KeptRows* kept) {
    const std::unique_ptr<RowReader> rows = reader_.rows(page);
    begin(page, reader_.header(page), *rows, kept);
    if (page == 0) {
        describe_chain(filter_->chain(), report_.filter);
        if (report_.volume) report_.filter.decisions.push_back(report_.volume->decision);
        report_.filter.threads = filter_->threads();
        report_.filter.workspace_bytes = filter_->memory_bytes();
    }
    report_.filter.values += filter_->page().value_count();
    if (!kept && files_.patched_rows() && page == 0)
        report_.filter.decisions.push_back(kCopiedBlocks);
    run(*rows, [&](RowRange range, const std::vector<Image>& bands) {
        if (kept)
            kept->add(range, bands);
        else
            files_.write(range, bands);
    });
    if (!kept) files_.finish_page();
}

/// Kept rows and their rescaled form beside what the writers hold.
void RowFiltering::check_writers(std::int64_t kept_bytes) const {
    auto most = report_.settings.limits.max_memory;
    if (report_.share) most = report_.share->most;
    const std::int64_t needed =
        report_.settings.limits.memory_in_use + files_.memory_bytes() + 2 * kept_bytes;
    if (!most || needed <= *most) return;
    fail(ErrorKind::memory,
         "needs {} to encode the rescaled rows, --max-memory is {}, use more memory or --range "
         "clamp",
         format_bytes(needed), format_bytes(*most));
}

void RowFiltering::write_rescaled(const KeptRows& kept) {
    filter_.reset();
    if (report_.settings.limits.max_memory) release_freed_memory();
    report_.filter.rescaled_from = totals_.extremes();
    const Rescaling rescaling =
        rescaling_of(report_.input.first.type, report_.settings, totals_.extremes());
    for (std::int64_t page = 0; page < kept.page_count(); ++page) {
        std::vector<Image> forms;
        for (const PictureInfo& form : kept.forms(page)) {
            forms.push_back(Image::interleaved(report_.settings.depth, form.shape.C, 0,
                                               form.shape.W, form.has_alpha));
        }
        files_.begin_page(page, kept.height(page), forms, kept.metadata(page));
        check_writers(kept.largest_bytes(page));
        kept.for_each(page, [&](RowRange rows, const std::vector<Image>& bands) {
            std::vector<Image> scaled;
            scaled.reserve(bands.size());
            for (const Image& band : bands) {
                scaled.push_back(rescale_picture(band, rescaling, report_.filter.lost));
            }
            files_.write(rows, scaled);
        });
        files_.finish_page();
    }
}

}  // namespace

std::string keeps_whole(const FilterJob& job, const OutputPlan& outputs) {
    const auto& devices = job.devices();
    if (devices.size() > 1 || !devices.front().threads_share) return "devices take whole pictures";
    if (job.verifies()) return "--verify looks at the whole picture";
    if (outputs.pictures_a_page() > 1) return "one array holds several pictures of each page";
    return {};
}

void filter_by_rows(RowFileReader& reader, const std::string& name, const OutputPlan& outputs,
                    const FilterJob& job, FileReport& report, OutputFiles& files) {
    ResultFiles results(outputs, reader.document(), job.write(), files);
    RowFiltering filtering(reader, job, report, results);
    std::optional<KeptRows> kept;
    if (rescales(report.settings)) kept.emplace(name);
    for (std::int64_t page = 0; page < reader.page_count(); ++page) {
        const SampleType type = reader.header(page).picture.type;
        require_same_depth(name, report.input.first.type, type, job);
        filtering.filter_page(page, kept ? &*kept : nullptr);
    }
    report.filter.lost = filtering.totals().lost;
    if (kept) filtering.write_rescaled(*kept);
    results.finish();
}

}  // namespace conv
