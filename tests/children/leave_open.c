/*
 * leave_open HOW [COMMAND...]: end with descriptors open.
 *
 *   kinds         a file, a pipe, a socket
 *   many N        N times a file
 *   thread-exits  a file, when another thread calls exit
 *   main-ends     two files; one is opened after the end of the first thread
 *   thread-execs  a file, when another thread runs COMMAND, which does not
 *                 get it
 *   traces        a file, after having traced a child
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "child.h"

enum {
    FAILED = 99,
};

static const char *how;
static char **command;
static pthread_t first;

static void leave(void)
{
    if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0) {
        _exit(FAILED);
    }
}

static void *other(void *argument)
{
    (void)argument;
    if (strcmp(how, "main-ends") == 0) {
        (void)pthread_join(first, NULL);
        leave();
    } else if (strcmp(how, "thread-execs") == 0) {
        (void)execvp(command[0], command);
        _exit(FAILED);
    }
    exit(0);
}

static int threads(void)
{
    pthread_t thread;

    leave();
    first = pthread_self();
    if (pthread_create(&thread, NULL, other, NULL) != 0) {
        return FAILED;
    }
    if (strcmp(how, "main-ends") == 0) {
        pthread_exit(NULL);
    }
    (void)pthread_join(thread, NULL);
    return FAILED;
}

static int kinds(void)
{
    int fds[2];

    leave();
    return pipe2(fds, O_CLOEXEC) < 0 ||
                   socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0
               ? FAILED
               : 0;
}

static int traces(void)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0) {
            _exit(FAILED);
        }
        (void)raise(SIGSTOP);
        _exit(0);
    }
    leave();
    return waitpid(pid, &status, 0) == pid && WIFSTOPPED(status) &&
                   ptrace(PTRACE_CONT, pid, NULL, NULL) == 0 &&
                   waitpid(pid, &status, 0) == pid && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : FAILED;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return FAILED;
    }
    how = argv[1];
    command = argv + 2;
    if (strcmp(how, "kinds") == 0) {
        return kinds();
    }
    if (strcmp(how, "traces") == 0) {
        return traces();
    }
    if (strcmp(how, "many") == 0) {
        for (long n = child_number(argv, 2, 1); n > 0; n--) {
            leave();
        }
        return 0;
    }
    return threads();
}
