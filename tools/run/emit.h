#ifndef BROOD_TOOLS_RUN_EMIT_H
#define BROOD_TOOLS_RUN_EMIT_H

/*
 * emit - how the output of a job becomes ours.
 *
 * Whole (emit_whole) when the job has ended, or by line as it comes:
 *
 *     emit_piece()   output has come: shown up to its last newline if it is
 *                    the job's turn, else held
 *     emit_turn()    it is the job's turn: what is held is shown
 *     emit_end()     the job has ended: all that is left is shown
 *
 * With a tag, each line begins with it and a TAB. Bytes are never added at the
 * end, and never lost.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brood.h>

#include "run/hold.h"
#include "run/writer.h"

struct emit {
    struct writer *writer;
    struct hold_store store;
    bool tagged;
};

/** Of one stream of one job. */
struct emit_stream {
    struct hold held;
    /** Of what is held, the bytes up to the last newline. */
    uint64_t whole;
    /** All that has come. */
    uint64_t received;
    /** The last byte shown was no newline. */
    bool in_line;
};

/** Of one job. Zeroed memory is a job of which nothing has come. */
struct emit_job {
    struct text tag;
    struct emit_stream streams[2];
    bool turn;
};

void emit_init(struct emit *emit,
               struct writer *writer,
               bool tagged,
               const char *tmp_dir);
void emit_clear(struct emit *emit);

/** Show text as a part of the job's output. */
void emit_text(struct emit *emit,
               struct emit_job *job,
               int stream,
               const char *data,
               size_t size);

/** Returns:  0, or why a part of the output could not be read. */
int emit_whole(struct emit *emit,
               struct emit_job *job,
               const struct brood_result *result);

void emit_piece(struct emit *emit,
                struct emit_job *job,
                int stream,
                const void *data,
                size_t size);
void emit_turn(struct emit *emit, struct emit_job *job);
void emit_end(struct emit *emit, struct emit_job *job);

/** Forget what is held, and make the job one of which nothing has come. */
void emit_job_reset(struct emit *emit, struct emit_job *job);

/** 0, or why output of the job was lost. */
int emit_job_error(const struct emit_job *job);

#endif /* BROOD_TOOLS_RUN_EMIT_H */
