#pragma once

#if defined(__SANITIZE_THREAD__)
#define CONV_SEES_THREADS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CONV_SEES_THREADS 1
#endif
#endif

#ifdef CONV_SEES_THREADS
#include <sanitizer/tsan_interface.h>
/// A function that TBB calls: it only calls another one, which takes a Handover.
#define CONV_TASK_ENTRY __attribute__((no_sanitize("thread")))
#else
#define CONV_TASK_ENTRY
#endif

namespace conv {

/// What one thread has done for another to which TBB hands it on. TBB's library is compiled
/// without ThreadSanitizer, which so does not see that a task begins after it was made and has
/// ended when it was waited for: give() in the one thread and take() in the other say so. In other
/// builds they are nothing.
class Handover {
public:
    void give() {
#ifdef CONV_SEES_THREADS
        __tsan_release(this);
#endif
    }
    void take() {
#ifdef CONV_SEES_THREADS
        __tsan_acquire(this);
#endif
    }

    /// Gives at the end of its scope, however that is left.
    struct Giving {
        Handover& to;
        ~Giving() { to.give(); }
    };
    /// Takes at the end of its scope.
    struct Taking {
        Handover& from;
        ~Taking() { from.take(); }
    };
};

}  // namespace conv
