#ifndef BROOD_SUBMIT_H
#define BROOD_SUBMIT_H

/*
 * submit - what a job with a channel tells the batch that it belongs to: more
 * jobs to run, how far it is, numbers for the record.
 *
 * For jobs of brood-batch(1) that have "channel": true, and for whatever else
 * forks a program and answers in the same way. These are messages and requests
 * of text, that brood_parent_send() and brood_parent_call() would send as well:
 *
 *     "progress 0.5 half way"    "metric loss 0.25"    "submit\nLINE\nLINE..."
 */

#include <stddef.h>

#include "brood/export.h"

#ifdef __cplusplus
extern "C" {
#endif

struct brood_parent;

/**
 * Submit jobs to the batch, which then runs them as those of its job files.
 *
 * @lines     lines of a job file; those that set defaults or limits are refused.
 * @on_reply  how that went, once. @status is 0, and @data the number of jobs,
 *            as text; or it is negative, and @data one line that says which
 *            line was not taken, and why (lines before it have been): -EINVAL
 *            it says no job, -EEXIST its id is taken, -ENOENT, -ERANGE of its
 *            resources, -ECANCELED the batch is being stopped; -ENOSYS the
 *            parent takes no jobs, -EPIPE it is gone. @data is valid until it
 *            returns, and no string: see @size_bytes.
 * @user      given to it.
 *
 * Returns:   0; 1 it is queued, and it is time to wait for on_writable; or a
 *            negative error, and nothing was queued.
 * Errors:    those of brood_parent_call(); -EINVAL no lines.
 * Ownership: the lines are copied.
 * Threads:   owner only; callbacks may submit.
 */
BROOD_API int brood_child_submit(struct brood_parent *parent,
                                 const char *lines,
                                 void (*on_reply)(int status,
                                                  const void *data,
                                                  size_t size_bytes,
                                                  void *user),
                                 void *user);

/**
 * Tell the batch how far this job is.
 *
 * @fraction  from 0 to 1.
 * @text      what it is about to do, for people; NULL: nothing.
 *
 * Returns:   as brood_parent_send().
 * Errors:    as brood_parent_send(); -EINVAL a fraction out of range too.
 * Ownership: the text is copied.
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_child_progress(struct brood_parent *parent,
                                   double fraction,
                                   const char *text);

/**
 * Give the batch a number for its record.
 *
 * @name   what it is: no blanks, not empty.
 * @value  finite.
 *
 * Returns:   as brood_parent_send().
 * Errors:    as brood_parent_send(); -EINVAL a name or value that cannot be
 *            used too.
 * Ownership: the name is copied.
 * Threads:   owner only; callbacks may call it.
 */
BROOD_API int brood_child_metric(struct brood_parent *parent,
                                 const char *name,
                                 double value);

#ifdef __cplusplus
}
#endif

#endif /* BROOD_SUBMIT_H */
