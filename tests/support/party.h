#ifndef BROOD_TESTS_PARTY_H
#define BROOD_TESTS_PARTY_H

/*
 * party - workers played by the test: what core sends is read here, and what
 * it is answered is written here, in the test's own thread.
 */

#include <stdint.h>

#include "proto/message.h"

enum {
    PARTIES_MAX = 8,
    PARTY_JOBS_MAX = 1024,
};

struct party {
    struct channel *channel;
    uint64_t cancelled;
    unsigned slots;
    unsigned n_keys;
    /** Keys of the jobs it holds, in the order of their coming. */
    uint64_t keys[PARTY_JOBS_MAX];
    /** How many frames with jobs came. */
    unsigned n_groups;
    unsigned n_take_back;
    uint32_t take_back_count;
    unsigned n_cancels;
};

extern struct party parties[PARTIES_MAX];
extern unsigned n_parties;

/** Forget the parties of the last test. */
void parties_reset(void);
/** Read all that was sent to a party. */
void party_read(struct party *p);
/** Answer for the job at a place, as exited with a status, after a time. */
void party_answer(struct party *p, unsigned place, int status, int64_t ns);
/** Say that the job at a place has been started. */
void party_started(struct party *p, unsigned place);
/** Give the job at a place back. */
void party_return(struct party *p, unsigned place, int reason);

#endif /* BROOD_TESTS_PARTY_H */
