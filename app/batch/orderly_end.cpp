#include "batch/orderly_end.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/error.hpp"
#include "files/output/pending_file.hpp"

namespace conv {
namespace {

/// Signals that end a process and are not ignored on purpose, as nohup does.
sigset_t ending_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action = {};
        if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&signals, signal);
    }
    return signals;
}

[[noreturn]] void end_by(int signal) {
    std::signal(signal, SIG_DFL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
    raise(signal);
    _exit(128 + signal);  // the first process of a container survives its own signals
}

}  // namespace

OrderlyEnd::OrderlyEnd(std::function<void(int)> last_words)
    : last_words_(std::move(last_words)), signals_(ending_signals()) {
    signal_fd_ = signalfd(-1, &signals_, SFD_CLOEXEC);
    done_fd_ = eventfd(0, EFD_CLOEXEC);
    if (signal_fd_ < 0 || done_fd_ < 0) fail(ErrorKind::internal, "signals cannot be waited for");
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    thread_ = std::thread([this] { wait(); });
}

OrderlyEnd::~OrderlyEnd() {
    eventfd_write(done_fd_, 1);
    thread_.join();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    close(signal_fd_);
    close(done_fd_);
}

void OrderlyEnd::wait() const {
    std::array<pollfd, 2> both{{{signal_fd_, POLLIN, 0}, {done_fd_, POLLIN, 0}}};
    while (poll(both.data(), both.size(), -1) < 0 && errno == EINTR) {
    }
    signalfd_siginfo info{};
    if (!(both[0].revents & POLLIN) || read(signal_fd_, &info, sizeof info) != sizeof info) return;
    const auto signal = static_cast<int>(info.ssi_signo);
    remove_pending_files_for_good();
    last_words_(signal);
    end_by(signal);
}

}  // namespace conv
