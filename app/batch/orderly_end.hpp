#pragma once

#include <functional>
#include <thread>

namespace conv {

/// While it lives, SIGINT, SIGTERM and SIGHUP are taken by a thread of their own: it removes what
/// is half written, lets no other thread begin or complete an output, calls `last_words`, and ends
/// the process by the signal. Made before other threads, which inherit that the signals are
/// blocked.
class OrderlyEnd {
public:
    explicit OrderlyEnd(std::function<void(int signal)> last_words);
    ~OrderlyEnd();
    OrderlyEnd(const OrderlyEnd&) = delete;
    OrderlyEnd& operator=(const OrderlyEnd&) = delete;

private:
    void wait() const;

    std::function<void(int)> last_words_;
    sigset_t signals_{}, before_{};
    int signal_fd_ = -1, done_fd_ = -1;
    std::thread thread_;
};

}  // namespace conv
