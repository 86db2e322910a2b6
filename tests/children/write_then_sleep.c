/* write_then_sleep TEXT MS: write the text and a newline, then sleep. */
#include "child.h"

int main(int argc, char **argv)
{
    if (argc > 1) {
        child_say(argv[1]);
        child_say("\n");
    }
    child_sleep_ms(child_number(argv, 2, 0));
    return 0;
}
