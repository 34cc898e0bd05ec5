#pragma once

#include <csignal>

namespace conv {

/// While it lives, a first Ctrl-C asks the running comparison to stop; a second ends the process.
class InterruptGuard {
public:
    InterruptGuard();
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

    static bool requested();

private:
    struct sigaction old_ = {};
};

}  // namespace conv
