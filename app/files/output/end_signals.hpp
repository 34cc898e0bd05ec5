#pragma once

namespace conv {

/// From now on no signal that ends a process leaves a temporary file, SIGKILL apart. SIGINT,
/// SIGTERM and SIGHUP, real-time signals and those of a fault or abort() end the process by
/// themselves; timers and limits (SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU), SIGQUIT, SIGUSR1, SIGUSR2,
/// SIGIO, SIGPWR and SIGSTKFLT in one line with exit code 1. A reader that goes away and a file
/// that grows too large (SIGPIPE, SIGXFSZ) are errors of write(). What the caller had ignored stays
/// ignored, but for SIGPIPE: see below.
void remove_pending_files_on_signals();

/// Where standard output is a pipe whose reader has gone (`| head`), ends the process by SIGPIPE as
/// other programs do, quietly; else returns. So too where the caller ignores SIGPIPE, as schedulers
/// and build services do: `conv-cli kernel show K | head -1` says the same everywhere.
void end_where_reader_left();

}  // namespace conv
