#include "batch/orderly_end.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "base/error.hpp"
#include "files/output/pending_file.hpp"

namespace conv {
namespace {

/// Sent instead of a signal when there is nothing more to wait for.
constexpr int kDone = 0;

/// Where the handler writes the signal's number: any thread may be the one that is interrupted,
/// also those of libraries, so that blocking signals would not do.
std::atomic<int> signal_pipe{-1};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may not lock");

extern "C" void hand_on(int signal) {
    const int error = errno;
    // A full pipe holds signals enough.
    [[maybe_unused]] const ssize_t written = write(signal_pipe, &signal, sizeof signal);
    errno = error;
}

[[noreturn]] void end_by(int signal) {
    std::signal(signal, SIG_DFL);
    raise(signal);
    _exit(128 + signal);  // the first process of a container survives its own signals
}

}  // namespace

OrderlyEnd::OrderlyEnd(std::function<void(int)> last_words) : last_words_(std::move(last_words)) {
    if (pipe2(pipe_.data(), O_CLOEXEC) != 0)
        fail(ErrorKind::internal, "signals cannot be waited for");
    signal_pipe = pipe_[1];
    thread_ = std::thread([this] { wait(); });
    take_signals();
}

OrderlyEnd::~OrderlyEnd() {
    give_signals_back();
    hand_on(kDone);
    thread_.join();
    signal_pipe = -1;
    for (const int end : pipe_) close(end);
}

void OrderlyEnd::take_signals() {
    struct sigaction action = {};
    action.sa_handler = hand_on;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
        sigaction(kSignals[i], nullptr, &before_[i]);
        // nohup and background shells ignore some of these on purpose.
        if (before_[i].sa_handler != SIG_IGN) sigaction(kSignals[i], &action, nullptr);
    }
}

void OrderlyEnd::give_signals_back() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
}

void OrderlyEnd::wait() const {
    int signal = kDone;
    while (read(pipe_[0], &signal, sizeof signal) < 0 && errno == EINTR) {
    }
    if (signal == kDone) return;
    remove_pending_files_for_good();
    last_words_(signal);
    end_by(signal);
}

}  // namespace conv
