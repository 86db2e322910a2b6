#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "workers/tree.h"

enum {
    NAME_SIZE = 16,
};

/* Is the process still the one that was listed, and alive? */
static bool check(int proc, const struct tree_process *p)
{
    struct tree_process now;
    char name[NAME_SIZE];

    (void)snprintf(name, sizeof(name), "%d", (int)p->pid);
    return tree_process_read(proc, name, &now) == 0 &&
           tree_process_is_same(&now, p) && tree_process_is_alive(&now);
}

static bool signal_one(int proc, const struct tree_process *p, int signal)
{
    int fd = pidfd_open(p->pid, 0);
    bool sent = false;

    if (fd < 0 && errno == ESRCH) {
        return false;
    }
    /* The descriptor holds on to one process, and the check, made after it,
     * says that this is the one. Without a descriptor (none is left, or a
     * sandbox or Valgrind has not the call) a gap remains. */
    if (check(proc, p)) {
        sent = fd < 0 ? kill(p->pid, signal) == 0
                      : pidfd_send_signal(fd, signal, NULL, 0) == 0;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return sent;
}

size_t tree_signal(const struct tree_list *list, int signal)
{
    size_t sent = 0;
    int proc;

    if (list->count == 0) {
        return 0;
    }
    proc = tree_process_open();
    if (proc < 0) {
        return 0;
    }
    for (size_t i = 0; i < list->count; i++) {
        sent += signal_one(proc, &list->processes[i], signal);
    }
    (void)close(proc);
    return sent;
}

size_t tree_alive(struct tree_list *list)
{
    size_t left = 0;
    int proc;

    if (list->count == 0) {
        return 0;
    }
    proc = tree_process_open();
    if (proc < 0) {
        return list->count;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (check(proc, &list->processes[i])) {
            list->processes[left] = list->processes[i];
            left++;
        }
    }
    (void)close(proc);
    list->count = left;
    return left;
}

void tree_list_clear(struct tree_list *list)
{
    free(list->processes);
    *list = (struct tree_list){ 0 };
}
