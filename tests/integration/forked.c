#include "integration/forked.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"

enum {
    /* A host that hangs ends by SIGALRM. */
    LIFE_S = 100,
};

pid_t forked_start(void (*run)(void *), void *arg)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)alarm(LIFE_S);
        /* Else a failed assertion would go on with the next test, here too. */
        (void)setenv("CMOCKA_TEST_ABORT", "1", 1);
        run(arg);
        _exit(EXIT_SUCCESS);
    }
    return pid;
}

void forked_run(void (*run)(void *), void *arg)
{
    pid_t pid = forked_start(run, arg);
    int status = -1;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == FORKED_SKIP) {
        skip();
    }
    if (status != 0) {
        fail_msg("the host ended with status %#x", (unsigned)status);
    }
}
