#ifndef BROOD_TESTS_BATCH_H
#define BROOD_TESTS_BATCH_H

/* A pool, a batch and the results that came, as tests want to look at them. */

#include <brood.h>
#include <stdbool.h>

enum {
    SEEN_MAX = 4096,
    SEEN_TEXT = 256,
};

struct seen {
    struct brood_result result;
    char out[SEEN_TEXT];
    char err[SEEN_TEXT];
};

struct bench {
    struct brood *pool;
    struct brood_batch *batch;
    unsigned n_seen;
    unsigned n_started;
    unsigned n_ended;
    struct seen *seen;
    int fds_before;
};

/** Open a pool and a batch whose results are kept in bench->seen. */
void bench_open(struct bench *b,
                const struct brood_options *pool,
                const struct brood_batch_options *batch);
/** Submit; the call must succeed. Returns: the id. */
uint64_t bench_submit(struct bench *b, const struct brood_job *job);
uint64_t bench_shell(struct bench *b, const char *line);
/** Close the batch and run it. */
void bench_run(struct bench *b);
/** Free it all, and check that no child and no descriptor is left. */
void bench_close(struct bench *b);
/** The result of the job that was submitted as number @seq. */
const struct seen *bench_seen(const struct bench *b, uint64_t seq);
/** Open a pool of 1 slot. Returns: how many descriptors were open before. */
int pool_open(struct brood **ret_pool);
/** Free a child and its pool, and check that nothing of them is left. */
void pool_close(struct brood *pool, struct brood_child *child, int fds_before);
/** Open descriptors of this process. */
int count_fds(void);
/** True if this process has a child. */
bool has_children(void);

#endif /* BROOD_TESTS_BATCH_H */
