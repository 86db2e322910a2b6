/* cat_stdin: copy stdin to stdout. */
#include "child.h"

int main(void)
{
    static char bytes[65536];
    ssize_t n;

    while ((n = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0) {
        child_write(STDOUT_FILENO, bytes, (size_t)n);
    }
    return n < 0;
}
