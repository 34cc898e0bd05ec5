#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace conv {

/// A picture's samples in memory, in one of two states. *Owned*: allocated here, or handed over by
/// who allocated them; they may be written, and pages that nobody needs any more be given back to
/// the system. *Borrowed*: a caller's, which are only read. Copies share the memory and its state.
class Samples {
public:
    Samples() = default;
    Samples(std::nullptr_t) {}
    /// Borrowed, kept alive together with `memory`.
    Samples(std::shared_ptr<const void> memory)
        : memory_(std::const_pointer_cast<void>(std::move(memory))) {}
    /// The same memory in the same state, from another first sample on.
    Samples(const Samples& of, const void* first)
        : memory_(of.memory_, const_cast<void*>(first)), owned_(of.owned_) {}

    /// Owned, uninitialised. Throws Error{memory}.
    static Samples allocate(std::int64_t bytes);
    /// Owned from here on: `bytes` of memory that nobody else reads or writes any more.
    static Samples handed_over(std::shared_ptr<void> memory, std::int64_t bytes);
    /// Borrowed from a caller who keeps them where they are as long as they are used.
    static Samples borrowed(const void* first);

    const void* get() const { return memory_.get(); }
    explicit operator bool() const { return memory_ != nullptr; }
    bool owned() const { return owned_.begin != nullptr; }
    /// Owned, and by one holder alone.
    bool spent_with_holder() const { return owned() && memory_.use_count() == 1; }
    /// The first sample, to be written. Only of owned samples.
    void* writable() const;
    void reset() { *this = Samples(); }

    /// Gives the whole pages inside [first, first + bytes) that belong to owned memory back to the
    /// system; what they held is lost. Does nothing to borrowed samples.
    void discard(const void* first, std::int64_t bytes) const;

private:
    /// What may be written and given back; null where borrowed.
    struct Extent {
        std::byte* begin = nullptr;
        std::int64_t bytes = 0;
    };
    std::shared_ptr<void> memory_;  ///< at the first sample
    Extent owned_;
};

}  // namespace conv
