#include "run/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

static bool is_ignored(int signal)
{
    struct sigaction action;

    return sigaction(signal, NULL, &action) == 0 &&
           action.sa_handler == SIG_IGN;
}

static void set_disposition(int signal, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler };

    (void)sigaction(signal, &action, NULL);
}

int signals_open(void)
{
    static const int wanted[] = { SIGINT,  SIGTERM, SIGQUIT, SIGHUP,
                                  SIGUSR1, SIGTSTP, SIGCONT };
    sigset_t set;
    int fd;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (!is_ignored(wanted[i])) {
            (void)sigaddset(&set, wanted[i]);
        }
    }
    set_disposition(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) {
        return -errno;
    }
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int signals_next(int fd)
{
    struct signalfd_siginfo info;

    if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
        return 0;
    }
    return (int)info.ssi_signo;
}

void signals_stop_here(void)
{
    (void)raise(SIGSTOP);
}

_Noreturn void signals_die(int signal)
{
    enum {
        SHELL_BASE = 128
    };
    sigset_t set;

    set_disposition(signal, SIG_DFL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, signal);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)raise(signal);
    _exit(SHELL_BASE + signal);
}
