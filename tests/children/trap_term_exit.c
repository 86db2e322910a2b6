/* trap_term_exit: say "ready"; on SIGTERM say "term" and exit with 0. */
#include <signal.h>

#include "child.h"

int main(void)
{
    sigset_t term;
    int sig;

    (void)sigemptyset(&term);
    (void)sigaddset(&term, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &term, NULL);
    (void)alarm(CHILD_LIFE_S);
    child_say("ready\n");
    (void)sigwait(&term, &sig);
    child_say("term\n");
    return 0;
}
