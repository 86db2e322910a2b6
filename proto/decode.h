#ifndef BROOD_PROTO_DECODE_H
#define BROOD_PROTO_DECODE_H

/*
 * decode - read messages from bytes that may be hostile.
 *
 * message_open() checks the header and that the records fill the body exactly;
 * then one decode_ call takes the next record. All return 0 or -EBADMSG
 * (-EPROTO from message_open for another magic or version), never read outside
 * of the bytes, and leave *ret untouched on error. The views lead into the
 * bytes, which must outlive them. No allocation.
 *
 * Every text that comes out has its first NUL where it ends, inside of the
 * bytes; a list holds exactly as many texts as it says. Every enum that comes
 * out is in range, stdout is never merged, no unknown flag is set. n_stop is at
 * most MESSAGE_STOP_STEPS_MAX; stop signals and that of MESSAGE_SIGNAL are
 * 1-64, other signals 0-64; times are not negative; a pid fits in pid_t; errors
 * and reasons are 0 or a negative errno; an exit status is -1 to 255. A shell
 * job has exactly one arg, another at least one. input_fd is -1 unless the
 * input is MESSAGE_INPUT_FD. Types that the list in message.h gives one record
 * have exactly one, SHUTDOWN and BYE none; others any number.
 *
 * On error the reader stays where it was. A record that was refused may have
 * carried a descriptor, which is then nobody's: local peers are trusted not to
 * send such.
 *
 * Threads: one at a time for each reader.
 */

#include "proto/message.h"

struct reader {
    const uint8_t *next;
    const uint8_t *end;
    /** Records left. */
    uint32_t left;
    /** Descriptors of this process are allowed in. */
    bool local;
};

/**
 * Check a message's header and prepare to read its records.
 *
 * @local  the other end is in this process.
 */
int message_open(const void *data,
                 size_t size,
                 bool local,
                 struct message_header *ret_header,
                 struct reader *ret_reader);

int decode_context(struct reader *r, struct message_context *ret);
int decode_forget(struct reader *r, struct message_forget *ret);
int decode_job(struct reader *r, struct message_job *ret);
int decode_take_back(struct reader *r, struct message_take_back *ret);
int decode_cancel(struct reader *r, struct message_cancel *ret);
int decode_signal(struct reader *r, struct message_signal *ret);
int decode_credit(struct reader *r, struct message_credit *ret);
int decode_hello(struct reader *r, struct message_hello *ret);
int decode_started(struct reader *r, struct message_started *ret);
int decode_output(struct reader *r, struct message_output *ret);
int decode_result(struct reader *r, struct message_result *ret);
int decode_returned(struct reader *r, struct message_returned *ret);

/** Walk texts: the one after @text, or the first for NULL; NULL at the end. */
const char *texts_next(const struct message_texts *texts, const char *text);

#endif /* BROOD_PROTO_DECODE_H */
