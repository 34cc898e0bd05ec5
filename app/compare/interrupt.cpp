#include "compare/interrupt.hpp"

#include <atomic>

namespace conv {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may not lock");

extern "C" void note_interrupt(int) {
    interrupted = true;
}

}  // namespace

InterruptGuard::InterruptGuard() {
    interrupted = false;
    struct sigaction action = {};
    action.sa_handler = note_interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &old_);
}

InterruptGuard::~InterruptGuard() {
    sigaction(SIGINT, &old_, nullptr);
}

bool InterruptGuard::requested() {
    return interrupted;
}

}  // namespace conv
