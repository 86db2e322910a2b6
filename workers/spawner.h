#ifndef BROOD_WORKERS_SPAWNER_H
#define BROOD_WORKERS_SPAWNER_H

/*
 * spawner - what a thread has to start processes, and what those of all threads
 * are at.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

enum {
    SPAWNER_STACK_SIZE = 64 * 1024,
};

/** Written by the child, read by the parent once it goes on. In a shared
 * mapping: under Valgrind the child has a copy of the memory. */
struct spawn_report {
    volatile int step;
    volatile int error;
};

/** What a thread needs to start processes. */
struct spawner {
    struct spawner *next;
    /** The number of the start that it is at; 0: at none. */
    _Atomic uint64_t number;
    /** The child's. */
    void *stack;
    /** How far the child came, and why not further. */
    struct spawn_report *report;
    /** Signals whose disposition was not the default when sampled. */
    int changed[64];
    int n_changed;
    int64_t sampled_ns;
    /** SIGCHLD has the default disposition. */
    bool sigchld_is_default;
    /** The limit of open files that children get back, if it was raised. */
    bool restore_nofile;
    struct rlimit nofile;
};

/** Prepare. Returns: 0 or -ENOMEM. Threads: the one that will spawn. */
int spawner_init(struct spawner *s);
void spawner_clear(struct spawner *s);
/** Look which signals a child has to put back to the default; nothing is done
 * if it was done a moment ago. */
void spawner_sample_signals(struct spawner *s);

/** A start begins and gets a number, and is over. */
void spawner_begin(struct spawner *s);
void spawner_end(struct spawner *s);
/** The number of the start that has begun last in this process. Any thread. */
uint64_t spawn_last_number(void);
/** Whether some child that was started as number @last or before has not yet
 * executed its program; until it does, it may hold copies of all descriptors
 * that we had. Any thread. */
bool spawn_is_in_flight(uint64_t last);

#endif /* BROOD_WORKERS_SPAWNER_H */
