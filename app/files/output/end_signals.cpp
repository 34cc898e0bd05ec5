#include "files/output/end_signals.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string_view>

#include "files/output/pending_file.hpp"

namespace conv {
namespace {

/// Requests to end, of which callers want to see that they were met; and what a fault or abort()
/// raises, for which there may be a core dump.
constexpr std::array kEndBySignal = {SIGINT, SIGTERM, SIGHUP, SIGABRT, SIGSEGV,
                                     SIGBUS, SIGFPE,  SIGILL, SIGTRAP, SIGSYS};

struct EndLine {
    int number;
    std::string_view line;
};

constexpr std::array<EndLine, 10> kEndInOneLine{{
    {SIGQUIT, "conv-cli: error: ended by SIGQUIT, the output was not written\n"},
    {SIGXCPU,
     "conv-cli: error: the limit of processor time is used up (SIGXCPU, ulimit -t), the output was "
     "not written\n"},
    {SIGALRM, "conv-cli: error: ended by SIGALRM, the output was not written\n"},
    {SIGVTALRM, "conv-cli: error: ended by SIGVTALRM, the output was not written\n"},
    {SIGPROF, "conv-cli: error: ended by SIGPROF, the output was not written\n"},
    {SIGUSR1, "conv-cli: error: ended by SIGUSR1, the output was not written\n"},
    {SIGUSR2, "conv-cli: error: ended by SIGUSR2, the output was not written\n"},
    {SIGIO, "conv-cli: error: ended by SIGIO, the output was not written\n"},
    {SIGPWR, "conv-cli: error: ended by SIGPWR, the output was not written\n"},
    {SIGSTKFLT, "conv-cli: error: ended by SIGSTKFLT, the output was not written\n"},
}};

/// The process whose files these are; a forked child has its own life.
pid_t watching_process = 0;

extern "C" void remove_and_end(int signal) {
    if (getpid() == watching_process) {
        remove_pending_files();
        for (const EndLine& known : kEndInOneLine) {
            if (known.number != signal) continue;
            if (::write(STDERR_FILENO, known.line.data(), known.line.size()) < 0) _exit(1);
            _exit(1);
        }
    }
    raise(signal);  // SA_RESETHAND has put the default action back
}

/// Does nothing where the caller ignores the signal, as nohup and background shells do, or takes it
/// itself, as a program that calls run_cli may.
void handle(int signal, void (*handler)(int)) {
    struct sigaction old = {}, action = {};
    if (sigaction(signal, nullptr, &old) == 0 && old.sa_handler != SIG_DFL) return;
    action.sa_handler = handler;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
}

}  // namespace

void remove_pending_files_on_signals() {
    watching_process = getpid();
    for (const int number : kEndBySignal) handle(number, remove_and_end);
    for (const EndLine& known : kEndInOneLine) handle(known.number, remove_and_end);
    for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) handle(number, remove_and_end);
    std::signal(SIGXFSZ, SIG_IGN);
    std::signal(SIGPIPE, SIG_IGN);
}

void end_where_reader_left() {
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    if (poll(&output, 1, 0) != 1 || (output.revents & POLLERR) == 0) return;
    remove_pending_files();
    std::signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

}  // namespace conv
