#pragma once

#include <cstdint>

#include "tensor/rows.hpp"

namespace conv {

/// The rows of a picture as a wrapping border goes on with them: row v is row v - above (modulo the
/// height) of `rows`, which must be able to seek, so that the border is read and not kept.
class WrappedRows final : public RowReader {
public:
    /// `above` and `below` are the rows added; `rows` must outlive this object.
    WrappedRows(RowReader& rows, std::int64_t above, std::int64_t below);

    const PictureInfo& info() const override { return info_; }
    bool can_seek() const override { return true; }
    std::int64_t memory_bytes() const override { return rows_.memory_bytes(); }
    void read(RowRange rows, const Image& band) override;
    void finish() override { rows_.finish(); }

private:
    RowReader& rows_;
    std::int64_t above_;
    PictureInfo info_;
};

}  // namespace conv
