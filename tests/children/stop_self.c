/* stop_self: stop by SIGSTOP; when continued say "continued" and exit. */
#include <signal.h>

#include "child.h"

int main(void)
{
    (void)raise(SIGSTOP);
    child_say("continued\n");
    return 0;
}
