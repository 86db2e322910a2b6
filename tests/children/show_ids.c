/* show_ids: "PID PARENT GROUP SESSION". */
#include "child.h"

int main(void)
{
    (void)printf("%d %d %d %d\n", (int)getpid(), (int)getppid(), (int)getpgrp(),
                 (int)getsid(0));
    return 0;
}
