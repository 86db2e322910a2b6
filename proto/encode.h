#ifndef BROOD_PROTO_ENCODE_H
#define BROOD_PROTO_ENCODE_H

/*
 * encode - write messages into a buffer.
 *
 *     message_begin(&b, MESSAGE_CANCEL);
 *     encode_cancel(&b, &(struct message_cancel){ .key = 7 });
 *     message_end(&b);
 *
 * Each encode_ function adds one record (its size first) and counts it in the
 * header. All return 0, -ENOMEM (the buffer is as it was before the call), or
 * -E2BIG (the record or the message would pass MESSAGE_SIZE_MAX). An encoded
 * record may also be kept and added later with encode_record().
 *
 * The texts of a message must not be NULL: "" is none.
 *
 * Threads: one at a time for each buffer.
 */

#include "base/buf.h"
#include "proto/message.h"

/** Start a message; @b must be empty. */
int message_begin(struct buf *b, enum message_type type);
/** Finish it: fill in the size of the body. */
void message_end(struct buf *b);
/** The number of records added since message_begin(). */
uint32_t message_count(const struct buf *b);

/** Add a record that encode_job_record() made, all of its @size bytes. */
int encode_record(struct buf *b, const void *record, size_t size);
/**
 * Encode a job as a record alone, without a message around it, behind what is
 * in the buffer. The record starts with its own size (4 bytes); then comes the
 * key. input_fd is encoded as -1 unless the input is MESSAGE_INPUT_FD.
 */
int encode_job_record(struct buf *b, const struct message_job *job);
/** Overwrite the key in a record that encode_job_record() made. */
void encode_job_set_key(void *record, uint64_t key);
/** Overwrite input_fd in such a record. */
void encode_job_set_input_fd(void *record, int fd);

int encode_context(struct buf *b, const struct message_context *m);
int encode_forget(struct buf *b, const struct message_forget *m);
int encode_job(struct buf *b, const struct message_job *m);
int encode_take_back(struct buf *b, const struct message_take_back *m);
int encode_cancel(struct buf *b, const struct message_cancel *m);
int encode_signal(struct buf *b, const struct message_signal *m);
int encode_credit(struct buf *b, const struct message_credit *m);
int encode_hello(struct buf *b, const struct message_hello *m);
int encode_started(struct buf *b, const struct message_started *m);
int encode_output(struct buf *b, const struct message_output *m);
int encode_result(struct buf *b, const struct message_result *m);
int encode_returned(struct buf *b, const struct message_returned *m);

#endif /* BROOD_PROTO_ENCODE_H */
