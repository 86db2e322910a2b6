/* close_stdout MS: close stdout and stderr, then sleep. */
#include "child.h"

int main(int argc, char **argv)
{
    (void)argc;
    (void)close(STDOUT_FILENO);
    (void)close(STDERR_FILENO);
    child_sleep_ms(child_number(argv, 1, 0));
    return 0;
}
