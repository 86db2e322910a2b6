/* grandchild_holds_pipe MS: exit at once, and leave a process that holds our
 * streams for that long. Says "left". */
#include "child.h"

int main(int argc, char **argv)
{
    long ms = child_number(argv, 1, 1000);
    pid_t pid = fork();

    (void)argc;
    if (pid < 0) {
        return 99;
    }
    if (pid == 0) {
        child_sleep_ms(ms);
        return 0;
    }
    child_say("left\n");
    return 0;
}
