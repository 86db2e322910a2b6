/* ignore_term: ignore SIGTERM, say "ready", and stay. */
#include <signal.h>

#include "child.h"

int main(void)
{
    const struct sigaction ignore = { .sa_handler = SIG_IGN };

    (void)sigaction(SIGTERM, &ignore, NULL);
    (void)alarm(CHILD_LIFE_S);
    child_say("ready\n");
    for (;;) {
        (void)pause();
    }
}
