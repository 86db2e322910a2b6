/* main_thread_ends MS: the main thread ends at once, so that we look like a
 * zombie; another one says "ready", sleeps for that long and ends us. */
#include <pthread.h>

#include "child.h"

static long ms;

static void *live_on(void *argument)
{
    (void)argument;
    child_sleep_ms(20);
    child_say("ready\n");
    child_sleep_ms(ms);
    _exit(0);
}

int main(int argc, char **argv)
{
    pthread_t thread;

    (void)argc;
    ms = child_number(argv, 1, 1000);
    if (pthread_create(&thread, NULL, live_on, NULL) != 0) {
        return 99;
    }
    pthread_exit(NULL);
}
