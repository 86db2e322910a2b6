/* crash_in N [FILE]: when there is that file, end by SIGABRT in the function
 * fN, 1 to 8, with a core if the hard limit allows one. */
#include <sys/resource.h>

#include "child.h"

/* They differ, or the compiler would make one of them. */
#define CRASH(n)                                     \
    __attribute__((noinline)) static void f##n(void) \
    {                                                \
        volatile int number = n;                     \
                                                     \
        (void)number;                                \
        abort();                                     \
    }
CRASH(1)
CRASH(2)
CRASH(3)
CRASH(4)
CRASH(5)
CRASH(6)
CRASH(7)
CRASH(8)

int main(int argc, char **argv)
{
    static void (*const all[])(void) = { f1, f2, f3, f4, f5, f6, f7, f8 };
    long n = child_number(argv, 1, 1);
    struct rlimit limit;

    if (n < 1 || n > (long)(sizeof(all) / sizeof(all[0]))) {
        return 99;
    }
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_CORE, &limit);
    }
    (void)alarm(CHILD_LIFE_S);
    while (argc > 2 && access(argv[2], F_OK) < 0) {
        child_sleep_ms(10);
    }
    all[n - 1]();
    return 99;
}
