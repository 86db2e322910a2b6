/* show_signals: the numbers of the blocked and of the ignored signals, as
 * "blocked 1 2 3" and "ignored 13". */
#include <signal.h>

#include "child.h"

int main(void)
{
    sigset_t blocked;

    (void)sigprocmask(SIG_SETMASK, NULL, &blocked);
    (void)printf("blocked");
    for (int sig = 1; sig < NSIG; sig++) {
        if (sigismember(&blocked, sig) == 1) {
            (void)printf(" %d", sig);
        }
    }
    (void)printf("\nignored");
    for (int sig = 1; sig < NSIG; sig++) {
        struct sigaction action;

        if (sigaction(sig, NULL, &action) == 0 &&
            action.sa_handler == SIG_IGN) {
            (void)printf(" %d", sig);
        }
    }
    (void)printf("\n");
    return 0;
}
