/* exit_n STATUS: exit with that status. */
#include "child.h"

int main(int argc, char **argv)
{
    (void)argc;
    return (int)child_number(argv, 1, 0);
}
