/* dump_core: end by SIGABRT, with a core if the hard limit allows one. */
#include <sys/resource.h>

#include "child.h"

int main(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_CORE, &limit);
    }
    abort();
}
