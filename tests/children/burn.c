/* burn MS: use so much time of the processor. */
#include "child.h"

enum {
    MS_PER_S = 1000,
};

int main(int argc, char **argv)
{
    long ms = child_number(argv, 1, 0);

    (void)argc;
    while (clock() / (CLOCKS_PER_SEC / MS_PER_S) < ms) {
    }
    return 0;
}
