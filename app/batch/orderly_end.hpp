#pragma once

#include <array>
#include <csignal>
#include <functional>
#include <thread>

namespace conv {

/// While it lives, SIGINT, SIGTERM and SIGHUP are handed to a thread of their own: it removes what
/// is half written, lets no other thread begin or complete an output, calls `last_words`, and ends
/// the process by the signal. One at a time in the process.
class OrderlyEnd {
public:
    explicit OrderlyEnd(std::function<void(int signal)> last_words);
    ~OrderlyEnd();
    OrderlyEnd(const OrderlyEnd&) = delete;
    OrderlyEnd& operator=(const OrderlyEnd&) = delete;

private:
    static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};

    void take_signals();
    void give_signals_back();
    void wait() const;

    std::function<void(int)> last_words_;
    std::array<struct sigaction, kSignals.size()> before_{};
    std::array<int, 2> pipe_{-1, -1};
    std::thread thread_;
};

}  // namespace conv
