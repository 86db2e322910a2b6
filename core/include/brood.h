#ifndef BROOD_H
#define BROOD_H

/*
 * brood - run jobs in parallel: a pool of threads fans batches of commands
 * out to child processes, and brings every result back to one thread, yours.
 *
 *     struct brood *pool = NULL;
 *     struct brood_batch *batch = NULL;
 *
 *     brood_open(NULL, &pool);
 *     brood_batch_new(pool, &(struct brood_batch_options){
 *         .on_result = print_result }, &batch);
 *     brood_submit(batch, &(struct brood_job){ .shell = "date; id" }, NULL);
 *     brood_batch_close(batch);
 *     brood_run(batch);
 *     batch = brood_batch_free(batch);
 *     pool = brood_close(pool);
 *
 * What holds everywhere:
 * - functions that can fail return 0 or a count, or a negative errno value;
 * - option structs are zero for the default; set what you need by name;
 * - no callback runs on a thread of ours: each is called by the function that
 *   you called (brood_run, brood_poll, brood_next, brood_stop, brood_close);
 * - no signal handler, no change to signal dispositions or to SIGCHLD, no
 *   wait for children that are not ours, nothing printed, no exit.
 */

#include "brood/batch.h"
#include "brood/call.h"
#include "brood/child.h"
#include "brood/error.h"
#include "brood/exec.h"
#include "brood/fork.h"
#include "brood/graph.h"
#include "brood/job.h"
#include "brood/pool.h"
#include "brood/result.h"
#include "brood/warm.h"

#endif /* BROOD_H */
