#include "run/standstill.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

enum {
    LOOKS_MAX = 2000,
    GAP_MS = 1,
};

/* A set of signals in a file of /proc: "SigIgn:", and hexadecimal digits. */
static bool has_tstp(const char *status, const char *name)
{
    const char *at = strstr(status, name);

    return at != NULL &&
           (strtoull(at + strlen(name), NULL, 16) >> (SIGTSTP - 1) & 1) != 0;
}

/* Whether a process stands still, has ended, or does with SIGTSTP as it likes. */
static bool has_stopped(int pid)
{
    char path[64];
    char status[4096];
    const char *state;

    (void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
    (void)file_read_start(path, status, sizeof(status));
    state = strstr(status, "State:\t");
    return state == NULL || strchr("TtZX", state[strlen("State:\t")]) != NULL ||
           has_tstp(status, "SigBlk:") || has_tstp(status, "SigIgn:") ||
           has_tstp(status, "SigCgt:");
}

void standstill_wait(int pid, int *looks)
{
    while (!has_stopped(pid) && (*looks)++ < LOOKS_MAX) {
        (void)poll(NULL, 0, GAP_MS);
    }
}
