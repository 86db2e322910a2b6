/* raise_sig SIGNAL: end by that signal, without a core. */
#include <signal.h>
#include <sys/resource.h>

#include "child.h"

int main(int argc, char **argv)
{
    const struct rlimit none = { 0, 0 };
    int sig = (int)child_number(argv, 1, SIGTERM);

    (void)argc;
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)raise(sig);
    return 99;
}
