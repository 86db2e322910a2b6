/* sleep_ms MS */
#include "child.h"

int main(int argc, char **argv)
{
    (void)argc;
    child_sleep_ms(child_number(argv, 1, 0));
    return 0;
}
