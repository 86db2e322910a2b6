#ifndef BROOD_TESTS_SAMPLES_H
#define BROOD_TESTS_SAMPLES_H

/*
 * samples - valid messages: of each type a plain one, and one at the limits of
 * what its fields may hold.
 */

#include <stdlib.h>

#include "proto/encode.h"
#include "proto/steer.h"

#define TEXTS(count_, ...)                                                    \
    {                                                                         \
        .data = (__VA_ARGS__), .size = sizeof(__VA_ARGS__), .count = (count_) \
    }
#define BYTES(...)                                             \
    {                                                          \
        .data = (__VA_ARGS__), .size = sizeof(__VA_ARGS__) - 1 \
    }

static const struct message_context sample_contexts[] = {
    { .id = 0, .dir = "" },
    { .id = UINT32_MAX,
      .dir = "/a/dir with \xff bytes",
      .env = TEXTS(4, "A=1\0\0HOME=/root\0B=") },
};

static const struct message_forget sample_forgets[] = {
    { .id = 0 },
    { .id = UINT32_MAX },
};

static const struct message_job sample_jobs[] = {
    { .key = 1,
      .input_fd = -1,
      .shell_path = "",
      .dir = "",
      .input_path = "",
      .slot_mark = "",
      .args = TEXTS(1, "true") },
    { .key = UINT64_MAX,
      .context = UINT32_MAX,
      .flags = MESSAGE_JOB_FLAGS,
      .input = MESSAGE_INPUT_BYTES,
      .out = MESSAGE_POLICY_DISCARD,
      .err = MESSAGE_POLICY_MERGE,
      .n_stop = MESSAGE_STOP_STEPS_MAX,
      .stop = { { 1, 0 },
                { 64, UINT32_MAX },
                { 3, 3 },
                { 4, 4 },
                { 5, 5 },
                { 6, 6 },
                { 7, 7 },
                { 9, 9 } },
      .timeout_ms = INT64_MAX,
      .drain_ms = INT64_MAX,
      .input_fd = -1,
      .nice = INT32_MIN,
      .death_signal = 64,
      .shell_path = "/bin/sh",
      .dir = "/tmp",
      .input_path = "in",
      .slot_mark = "{%}",
      .args = TEXTS(1, ""),
      .env = TEXTS(3, "A=\0B=2\0C=\xff"),
      .input_data = BYTES("\0bytes\0\xff\0"),
      .more = { .set = MESSAGE_SET_ALL,
                .uid = UINT32_MAX,
                .gid = UINT32_MAX,
                .umask = 0777,
                .argv0 = "zero",
                .out_path = "out",
                .err_path = "",
                .groups = BYTES("\1\0\0\0\xff\xff\xff\xff"),
                .rlimits = BYTES("\x3f\0\0\0"
                                 "\0\0\0\0\0\0\0\0"
                                 "\xff\xff\xff\xff\xff\xff\xff\xff") } },
    { .key = 2,
      .input = MESSAGE_INPUT_INHERIT,
      .out = MESSAGE_POLICY_STREAM,
      .err = MESSAGE_POLICY_INHERIT,
      .input_fd = -1,
      .nice = INT32_MAX,
      .shell_path = "",
      .dir = "",
      .input_path = "",
      .slot_mark = "",
      .args = TEXTS(4, "printf\0%s\0\0x") },
};

/** Only for a local peer. */
static const struct message_job sample_job_with_fd = {
    .key = 3,
    .input = MESSAGE_INPUT_FD,
    .input_fd = INT32_MAX,
    .shell_path = "",
    .dir = "",
    .input_path = "",
    .slot_mark = "",
    .args = TEXTS(1, "cat"),
};

/** The same, with descriptors beyond the standard streams. */
static const struct message_job sample_job_with_more_fds = {
    .key = 4,
    .flags = MESSAGE_JOB_ATTRIBUTES,
    .out = MESSAGE_POLICY_FD,
    .input_fd = -1,
    .shell_path = "",
    .dir = "",
    .input_path = "",
    .slot_mark = "",
    .args = TEXTS(1, "cat"),
    .more = { .argv0 = "",
              .out_path = "",
              .err_path = "",
              .fds = BYTES("\1\0\0\0\xff\xff\xff\x7f"
                           "\xff\3\0\0\0\0\0\0") },
};

static const struct message_take_back sample_take_backs[] = {
    { .count = 0 },
    { .count = UINT32_MAX },
};

static const struct message_cancel sample_cancels[] = {
    { .key = 0 },
    { .key = UINT64_MAX },
};

static const struct message_signal sample_signals[] = {
    { .signal = 1 },
    { .signal = 64 },
};

static const struct message_credit sample_credits[] = {
    { .bytes = 0 },
    { .bytes = UINT64_MAX },
};

static const struct message_piece sample_pieces[] = {
    { .key = 0 },
    { .key = UINT64_MAX, .last = 1, .data = BYTES("\0in\xff") },
};

static const struct message_pause sample_pauses[] = {
    { .key = 0, .stream = 1 },
    { .key = UINT64_MAX, .stream = 2, .paused = 1 },
};

static const struct message_kill sample_kills[] = {
    { .key = 0, .signal = 1 },
    { .key = UINT64_MAX, .signal = 64, .alone = 1 },
};

static const struct message_leave sample_leaves[] = {
    { .key = 0 },
    { .key = UINT64_MAX },
};

static const struct message_peek sample_peeks[] = {
    { .key = 0, .stream = 1 },
    { .key = UINT64_MAX, .stream = 2, .size = UINT32_MAX },
};

static const struct message_hello sample_hellos[] = {
    { .slots = 0, .pid = 0 },
    { .slots = UINT32_MAX, .pid = INT32_MAX },
};

static const struct message_started sample_starteds[] = {
    { .key = 0 },
    { .key = UINT64_MAX,
      .pid = INT32_MAX,
      .slot = UINT32_MAX,
      .start_ns = INT64_MAX },
};

static const struct message_output sample_outputs[] = {
    { .key = 0, .stream = 1 },
    { .key = UINT64_MAX, .stream = 2, .data = BYTES("\0out\0") },
};

static const struct message_result sample_results[] = {
    { .key = 0, .out = { .fd = -1 }, .err = { .fd = -1 } },
    { .key = UINT64_MAX,
      .outcome = MESSAGE_LOST,
      .flags = MESSAGE_RESULT_FLAGS,
      .step = MESSAGE_STEP_COUNT - 1,
      .exit_status = 255,
      .signal = 64,
      .error = -4095,
      .stop_signal = 64,
      .pid = INT32_MAX,
      .slot = UINT32_MAX,
      .start_ns = INT64_MAX,
      .duration_ns = INT64_MAX,
      .user_ns = INT64_MAX,
      .system_ns = INT64_MAX,
      .max_rss_bytes = UINT64_MAX,
      .out = { .data = BYTES("\0o"),
               .fd = -1,
               .error = -4095,
               .size = UINT64_MAX,
               .lost = UINT64_MAX },
      .err = { .data = BYTES("err\n"), .fd = -1, .size = 4 } },
    { .key = 1,
      .outcome = MESSAGE_SIGNALLED,
      .exit_status = -1,
      .signal = 9,
      .out = { .fd = -1 },
      .err = { .fd = -1 } },
};

/** Only for a local peer. */
static const struct message_result sample_result_with_fds = {
    .key = 3,
    .out = { .fd = 0, .size = UINT64_MAX },
    .err = { .fd = INT32_MAX, .lost = 1 },
};

static const struct message_returned sample_returneds[] = {
    { .key = 0, .reason = 0 },
    { .key = UINT64_MAX, .reason = -4095 },
};

static const struct message_taken sample_takens[] = {
    { .key = 0 },
    { .key = UINT64_MAX, .bytes = UINT64_MAX, .error = -4095 },
};

static const struct message_ended sample_endeds[] = {
    { .key = 0, .exit_status = 255 },
    { .key = UINT64_MAX,
      .flags = MESSAGE_RESULT_FLAGS,
      .exit_status = -1,
      .signal = 64 },
};

#undef TEXTS
#undef BYTES

#define SAMPLE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Stop at once: a test program that cannot make its samples is no test. */
static inline void sample_must(int r)
{
    if (r < 0) {
        abort();
    }
}

#define SAMPLE_ENCODER(noun)                                        \
    static inline int sample_encode_##noun(struct buf *b, size_t i) \
    {                                                               \
        return encode_##noun(b, &sample_##noun##s[i]);              \
    }

SAMPLE_ENCODER(context)
SAMPLE_ENCODER(forget)
SAMPLE_ENCODER(job)
SAMPLE_ENCODER(take_back)
SAMPLE_ENCODER(cancel)
SAMPLE_ENCODER(signal)
SAMPLE_ENCODER(credit)
SAMPLE_ENCODER(piece)
SAMPLE_ENCODER(pause)
SAMPLE_ENCODER(kill)
SAMPLE_ENCODER(leave)
SAMPLE_ENCODER(peek)
SAMPLE_ENCODER(hello)
SAMPLE_ENCODER(started)
SAMPLE_ENCODER(output)
SAMPLE_ENCODER(result)
SAMPLE_ENCODER(returned)
SAMPLE_ENCODER(taken)
SAMPLE_ENCODER(ended)

struct sample_kind {
    int (*encode)(struct buf *b, size_t i);
    size_t count;
    enum message_type type;
    /** In one message; else each in its own. */
    bool together;
};

#define SAMPLE_KIND(type_, noun, together_)                               \
    {                                                                     \
        .type = (type_), .encode = sample_encode_##noun,                  \
        .count = SAMPLE_COUNT(sample_##noun##s), .together = (together_), \
    }

static const struct sample_kind sample_kinds[] = {
    SAMPLE_KIND(MESSAGE_CONTEXT, context, false),
    SAMPLE_KIND(MESSAGE_FORGET, forget, false),
    SAMPLE_KIND(MESSAGE_JOBS, job, true),
    SAMPLE_KIND(MESSAGE_TAKE_BACK, take_back, false),
    SAMPLE_KIND(MESSAGE_CANCEL, cancel, true),
    SAMPLE_KIND(MESSAGE_SIGNAL, signal, false),
    SAMPLE_KIND(MESSAGE_CREDIT, credit, false),
    { .type = MESSAGE_SHUTDOWN, .together = true },
    SAMPLE_KIND(MESSAGE_INPUT, piece, true),
    SAMPLE_KIND(MESSAGE_PAUSE, pause, true),
    SAMPLE_KIND(MESSAGE_KILL, kill, true),
    SAMPLE_KIND(MESSAGE_LEAVE, leave, true),
    SAMPLE_KIND(MESSAGE_PEEK, peek, true),
    SAMPLE_KIND(MESSAGE_HELLO, hello, false),
    SAMPLE_KIND(MESSAGE_STARTED, started, true),
    SAMPLE_KIND(MESSAGE_OUTPUT, output, true),
    SAMPLE_KIND(MESSAGE_RESULTS, result, true),
    SAMPLE_KIND(MESSAGE_RETURNED, returned, true),
    { .type = MESSAGE_BYE, .together = true },
    SAMPLE_KIND(MESSAGE_TAKEN, taken, true),
    SAMPLE_KIND(MESSAGE_ENDED, ended, true),
    SAMPLE_KIND(MESSAGE_TAIL, output, true),
};

#undef SAMPLE_ENCODER
#undef SAMPLE_KIND

static inline const struct sample_kind *sample_kind_of(enum message_type type)
{
    for (size_t i = 0; i < SAMPLE_COUNT(sample_kinds); i++) {
        if (sample_kinds[i].type == type) {
            return &sample_kinds[i];
        }
    }
    return NULL;
}

/**
 * Put message @which of @type in @b, which is empty, finished.
 *
 * Returns: whether there is such a message.
 */
static inline bool sample_message(struct buf *b,
                                  enum message_type type,
                                  size_t which)
{
    const struct sample_kind *kind = sample_kind_of(type);
    size_t first = which;
    size_t end = which + 1;

    if (kind == NULL || which >= (kind->together ? 1 : kind->count)) {
        return false;
    }
    if (kind->together) {
        first = 0;
        end = kind->count;
    }
    sample_must(message_begin(b, type));
    for (size_t i = first; i < end; i++) {
        sample_must(kind->encode(b, i));
    }
    message_end(b);
    return true;
}

#endif /* BROOD_TESTS_SAMPLES_H */
