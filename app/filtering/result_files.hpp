#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "files/output/output_file.hpp"
#include "files/page_patch.hpp"
#include "results/output_plan.hpp"

namespace conv {

/// The output files of a filtering that gives its results row by row: each page's rows go to the
/// files that hold the page.
class ResultFiles {
public:
    /// `input` says what the files take over: format, rank, metadata. All arguments must outlive
    /// this object.
    ResultFiles(const OutputPlan& outputs, const ImageDocument& input, const WriteOptions& options,
                OutputFiles& files);

    /// The rows that follow belong to page `page`, whose results have `height` rows and otherwise
    /// the form of the bands `forms`. `metadata` is the page's own.
    void begin_page(std::int64_t page, std::int64_t height, const std::vector<Image>& forms,
                    const Metadata& metadata);
    /// The page that begins next may keep what lies outside of `patch` as it is encoded.
    void set_patch(std::optional<PagePatch> patch) { patch_ = std::move(patch); }
    /// The rows that must be written of a page that keeps the others; nothing: all.
    const std::optional<RowRange>& patched_rows() const { return patched_rows_; }
    /// Bytes that the page's writers hold at most.
    std::int64_t memory_bytes() const;
    /// Rows of every result picture of the page, from the top on, without gaps.
    void write(RowRange rows, const std::vector<Image>& bands);
    void finish_page();
    /// After the last page: completes the files, which are then to be committed.
    void finish();

private:
    bool has_part(std::size_t file) const;
    RowFileWriter& writer_of(std::size_t file, SampleType type, const Metadata& metadata);

    const OutputPlan& outputs_;
    const ImageDocument& input_;
    const WriteOptions& options_;
    OutputFiles& files_;
    std::vector<RowFileWriter*> writers_;  ///< one a file; null before its first page
    std::int64_t page_ = 0;
    std::optional<PagePatch> patch_;  ///< of the page that begins next
    std::optional<RowRange> patched_rows_;
    std::vector<std::unique_ptr<RowWriter>> rows_;  ///< of the page, one a file that has part in it
};

}  // namespace conv
