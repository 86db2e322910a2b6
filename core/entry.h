#ifndef BROOD_CORE_ENTRY_H
#define BROOD_CORE_ENTRY_H

/*
 * entry - a job that core has accepted and whose end it has not told yet.
 *
 * The job is kept as the encoded record that goes to a worker: sending it is a
 * copy, and so is sending it again, after a failed try or to another worker.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

struct brood_batch;
struct brood_job;
struct held;
struct peer;

enum entry_state {
    ENTRY_QUEUED, /* in its batch's queue */
    ENTRY_SENT,   /* with a worker, in its peer's list */
    ENTRY_ENDED,  /* in the pool's list of jobs that ended without a child */
};

struct entry {
    struct list link;
    struct brood_batch *batch;
    struct peer *peer;
    uint64_t id;
    uint64_t seq;
    void *tag;
    enum entry_state state;
    unsigned attempt;
    unsigned attempts_max;
    bool cancelled;
    /** It runs beside the slots. */
    bool now;
    /** Its start is told to the batch's on_start. */
    bool notify;
    /** For ENTRY_ENDED: what to tell. */
    uint8_t outcome; /* enum brood_outcome */
    int error;
    /** Where its result will wait, in a batch whose results do. */
    struct held *held;
    /** Our duplicate of the job's input_fd, or -1. A try uses one of its
     * own, made when it is sent. */
    int input_fd;
    /** Our duplicates of its other descriptors; all tries use these. */
    int *fds;
    unsigned n_fds;
    uint32_t record_size;
    uint8_t record[];
};

/**
 * Check a job and encode it.
 *
 * @flags  of the message, that the job does not speak of.
 *
 * Returns:   0, or the errors of brood_submit().
 * Ownership: the caller frees *ret with entry_free().
 */
int entry_new(const struct brood_job *job,
              uint32_t context,
              uint32_t flags,
              struct entry **ret);
struct entry *entry_free(struct entry *entry);

#endif /* BROOD_CORE_ENTRY_H */
