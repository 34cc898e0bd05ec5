#pragma once

#include <functional>
#include <vector>

#include "files/metadata.hpp"
#include "files/output/unnamed_file.hpp"
#include "tensor/rows.hpp"

namespace conv {

/// Result rows in an unnamed temporary file, for what must see all of them before the first can be
/// written.
class KeptRows {
public:
    explicit KeptRows(const std::string& name) : file_(name) {}

    /// The rows that follow belong to a further page of `height` rows.
    void begin_page(std::int64_t height, Metadata metadata);
    /// Keeps the pictures of some rows.
    void add(RowRange rows, const std::vector<Image>& bands);

    std::int64_t page_count() const { return static_cast<std::int64_t>(pages_.size()); }
    std::int64_t height(std::int64_t page) const { return at(page).height; }
    /// The pictures of the page, as bands.
    const std::vector<PictureInfo>& forms(std::int64_t page) const {
        return at(page).bands.front().forms;
    }
    const Metadata& metadata(std::int64_t page) const { return at(page).metadata; }
    /// Of the pictures that were added together at most.
    std::int64_t largest_bytes(std::int64_t page) const;
    /// Calls `take` with what was added to a page, in order.
    void for_each(std::int64_t page,
                  const std::function<void(RowRange, const std::vector<Image>&)>& take) const;

private:
    struct Bands {
        RowRange rows;
        std::vector<PictureInfo> forms;
        std::int64_t offset;  ///< in the file
    };
    struct Page {
        std::int64_t height;
        Metadata metadata;
        std::vector<Bands> bands;
    };
    const Page& at(std::int64_t page) const { return pages_[static_cast<std::size_t>(page)]; }

    UnnamedFile file_;
    std::int64_t size_ = 0;
    std::vector<Page> pages_;
};

}  // namespace conv
