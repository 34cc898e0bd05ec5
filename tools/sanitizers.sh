# Sourced: what programs with sanitizers are told. Suppressions are for other people's libraries alone,
# each with its reason beside it.
suppressions=$PWD/tests/sanitizers
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:allocator_may_return_null=1
export LSAN_OPTIONS=suppressions=$suppressions/leaks.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=suppressions=$suppressions/threads.supp:second_deadlock_stack=1
# The sanitizers of GCC 12 and clang 14 start only where addresses are not too random; some containers forbid to
# say so.
without_random_addresses=()
if setarch -R true 2>/dev/null; then without_random_addresses=(setarch -R); fi
