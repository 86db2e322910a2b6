#ifndef BROOD_PROTO_MESSAGE_H
#define BROOD_PROTO_MESSAGE_H

/*
 * message - what core and a worker say to each other.
 *
 * On the wire a message is a header of 16 bytes and a body of records. All
 * numbers are little-endian, none is aligned, nothing is a pointer:
 *
 *     offset  size
 *     0       4     magic "BRUD"
 *     4       2     version (MESSAGE_VERSION)
 *     6       2     type
 *     8       4     number of records
 *     12      4     size of the body in bytes
 *
 * Each record is its size (4 bytes) and that many bytes. A text is its size
 * (4 bytes), its bytes and a NUL that the size does not count; a list of texts
 * is their number (4), the size of all with their NULs (4), and those bytes.
 * In a record the fields of fixed size come first, then the others (wire.h).
 * A decoder takes no byte for granted; fields that a newer minor sender adds
 * at the end of a record are skipped.
 *
 * The structs below are views: their pointers lead into the bytes that were
 * decoded, or into what the caller wants encoded.
 *
 * Descriptors (job input_fd, output fd) are numbers of this process: they may
 * be encoded only for a channel whose other end is in this process, and a
 * decoder refuses them on any other. Ownership of such a descriptor moves with
 * the message.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGE_MAGIC       UINT32_C(0x44555242) /* "BRUD" */
#define MESSAGE_VERSION     1
#define MESSAGE_HEADER_SIZE 16
/** The largest body that a decoder takes. */
#define MESSAGE_SIZE_MAX (UINT32_C(256) << 20)

enum message_type {
    /* core to worker */
    MESSAGE_CONTEXT = 1, /* environment and directory that jobs refer to */
    MESSAGE_FORGET,      /* a context is no longer needed */
    MESSAGE_JOBS,        /* jobs to run, in this order */
    MESSAGE_TAKE_BACK,   /* give back up to n jobs that have not started */
    MESSAGE_CANCEL,      /* keep from starting, or stop */
    MESSAGE_SIGNAL,      /* send a signal to every running group */
    MESSAGE_CREDIT,      /* streamed bytes have been consumed */
    MESSAGE_SHUTDOWN,    /* all is over: answer BYE and end */
    MESSAGE_INPUT,       /* more for a child's standard input, or its end */
    MESSAGE_PAUSE,       /* stop reading a child's stream, or go on */
    MESSAGE_KILL,        /* send a signal to one child */
    MESSAGE_LEAVE,       /* let a child go: it lives on without us */
    MESSAGE_PEEK,        /* tell the end of what a child has written so far */
    /* worker to core */
    MESSAGE_HELLO = 64, /* first of all: who is there */
    MESSAGE_STARTED,    /* children that have been started */
    MESSAGE_OUTPUT,     /* streamed output */
    MESSAGE_RESULTS,    /* what ended jobs left behind */
    MESSAGE_RETURNED,   /* jobs that were not started, and why */
    MESSAGE_BYE,        /* the last message */
    MESSAGE_TAKEN,      /* what a child's standard input has taken */
    MESSAGE_ENDED,      /* a child has ended; its streams may go on */
    MESSAGE_TAIL,       /* the answers to PEEK, as OUTPUT */
    /* between a program and its forked child, both ways: see link.h */
    MESSAGE_LINK_HELLO = 128,
    MESSAGE_LINK_DATA,
    MESSAGE_LINK_ACK,
    MESSAGE_LINK_BYE,
};

struct message_header {
    uint16_t version;
    uint16_t type;
    uint32_t count;
    uint32_t body_size;
};

/** Bytes; data may be NULL when size is 0. */
struct message_bytes {
    const void *data;
    size_t size;
};

/** Texts that lie one behind the other, each with its NUL. */
struct message_texts {
    const char *data;
    size_t size;
    uint32_t count;
};

/** MESSAGE_CONTEXT: one record. */
struct message_context {
    uint32_t id;
    const char *dir; /* "" is the worker's own */
    struct message_texts env;
};

/** MESSAGE_FORGET: one record. */
struct message_forget {
    uint32_t id;
};

enum message_input {
    MESSAGE_INPUT_NONE,
    MESSAGE_INPUT_BYTES,
    MESSAGE_INPUT_FILE,
    MESSAGE_INPUT_FD,
    MESSAGE_INPUT_INHERIT,
    MESSAGE_INPUT_STREAM, /* comes with MESSAGE_INPUT */
    MESSAGE_INPUT_COUNT,
};

enum message_output_policy {
    MESSAGE_POLICY_CAPTURE,
    MESSAGE_POLICY_STREAM,
    MESSAGE_POLICY_INHERIT,
    MESSAGE_POLICY_DISCARD,
    MESSAGE_POLICY_MERGE,
    MESSAGE_POLICY_FILE,   /* a path in the attributes, emptied first */
    MESSAGE_POLICY_APPEND, /* the same, kept */
    MESSAGE_POLICY_FD,     /* among the descriptors of the attributes */
    MESSAGE_POLICY_COUNT,
};

#define MESSAGE_STOP_STEPS_MAX 8

struct message_stop_step {
    uint32_t signal;
    uint32_t wait_ms;
};

enum message_job_flags {
    MESSAGE_JOB_SHELL = 1,  /* args holds one text, the line */
    MESSAGE_JOB_NOTIFY = 2, /* tell STARTED */
    /* After it failed, or succeeded, give back what has not been started. */
    MESSAGE_JOB_HOLD_FAILED = 4,
    MESSAGE_JOB_HOLD_OK = 8,
    /* Start at once, whatever the slots do. */
    MESSAGE_JOB_NOW = 16,
    /* Tell ENDED and the end of each stream (OUTPUT without bytes) too. */
    MESSAGE_JOB_EVENTS = 32,
    /* Attributes follow the other fields. */
    MESSAGE_JOB_ATTRIBUTES = 64,
    /* Its own session, so that it may live on without us. */
    MESSAGE_JOB_SESSION = 128,
    /* In our process group: signals go to the child alone. */
    MESSAGE_JOB_SAME_GROUP = 256,
    /* env is the whole environment. */
    MESSAGE_JOB_CLEAN_ENV = 512,
    /* All that there are; a decoder refuses others. */
    MESSAGE_JOB_FLAGS = 1023,
};

/* What numbers in messages may be. */
enum message_limits {
    MESSAGE_SIGNAL_MAX = 64,
    MESSAGE_ERRNO_MAX = 4095,
    MESSAGE_EXIT_STATUS_MAX = 255,
    MESSAGE_UMASK_MAX = 0777,
    MESSAGE_CHILD_FD_MAX = 1023,
};

enum message_attribute_set {
    MESSAGE_SET_UID = 1,
    MESSAGE_SET_GID = 2,
    MESSAGE_SET_GROUPS = 4,
    MESSAGE_SET_UMASK = 8,
    MESSAGE_SET_ARGV0 = 16,
    MESSAGE_SET_ALL = 31,
};

#define MESSAGE_GROUPS_MAX  64
#define MESSAGE_RLIMITS_MAX 16
#define MESSAGE_FDS_MAX     64

/** A limit of setrlimit(2). */
struct message_rlimit {
    uint32_t resource;
    uint64_t soft;
    uint64_t hard;
};

/** A descriptor of this process, and what it is for the child. */
struct message_fd {
    int32_t child;
    int32_t fd;
};

/**
 * What few jobs have. The lists are as they are on the wire: groups of 4
 * bytes, limits of 20, descriptors of 8 (attributes.h reads them). The
 * descriptors stay core's, which keeps them open until it has the result.
 */
struct message_attributes {
    uint32_t set; /* enum message_attribute_set */
    uint32_t uid;
    uint32_t gid;
    uint32_t umask;
    const char *argv0;    /* "" unless MESSAGE_SET_ARGV0 */
    const char *out_path; /* "" unless MESSAGE_POLICY_FILE or _APPEND */
    const char *err_path;
    struct message_bytes groups;
    struct message_bytes rlimits;
    struct message_bytes fds;
};

/** MESSAGE_JOBS: one record a job. */
struct message_job {
    uint64_t key; /* names the job on this channel */
    uint32_t context;
    uint32_t flags;
    uint8_t input; /* enum message_input */
    uint8_t out;   /* enum message_output_policy */
    uint8_t err;
    uint8_t n_stop;
    struct message_stop_step stop[MESSAGE_STOP_STEPS_MAX];
    int64_t timeout_ms;
    int64_t drain_ms;
    int32_t input_fd; /* -1: none */
    int32_t nice;
    uint32_t death_signal;
    const char *shell_path; /* "" unless MESSAGE_JOB_SHELL */
    const char *dir;        /* "" is the context's */
    const char *input_path; /* "" unless MESSAGE_INPUT_FILE */
    const char *slot_mark;  /* "" is none */
    struct message_texts args;
    struct message_texts env;
    struct message_bytes input_data;
    struct message_attributes more; /* with MESSAGE_JOB_ATTRIBUTES */
};

/** MESSAGE_TAKE_BACK: one record. */
struct message_take_back {
    uint32_t count;
};

/** MESSAGE_CANCEL: one record a job. */
struct message_cancel {
    uint64_t key;
};

/** MESSAGE_SIGNAL: one record. */
struct message_signal {
    uint32_t signal;
};

/** MESSAGE_CREDIT: one record. */
struct message_credit {
    uint64_t bytes;
};

/** MESSAGE_INPUT: one record a piece. */
struct message_piece {
    uint64_t key;
    uint8_t last; /* end-of-file follows */
    struct message_bytes data;
};

/** MESSAGE_PAUSE: one record. */
struct message_pause {
    uint64_t key;
    uint8_t stream; /* 1 or 2 */
    uint8_t paused;
};

/** MESSAGE_KILL: one record. */
struct message_kill {
    uint64_t key;
    uint32_t signal;
    uint8_t alone; /* not its group */
};

/** MESSAGE_LEAVE: one record a job. */
struct message_leave {
    uint64_t key;
};

/** MESSAGE_PEEK: one record a stream. */
struct message_peek {
    uint64_t key;
    uint8_t stream; /* 1 or 2 */
    uint32_t size;  /* so many bytes at the most */
};

/** MESSAGE_TAKEN: one record. */
struct message_taken {
    uint64_t key;
    uint64_t bytes;
    int32_t error; /* 0, or why no more will be taken */
};

/** MESSAGE_ENDED: one record a child. */
struct message_ended {
    uint64_t key;
    uint8_t flags; /* enum message_result_flags */
    int32_t exit_status;
    int32_t signal;
};

/** MESSAGE_HELLO: one record. */
struct message_hello {
    uint32_t slots;
    uint32_t pid;
};

/** MESSAGE_STARTED: one record a child. */
struct message_started {
    uint64_t key;
    uint32_t pid;
    uint32_t slot;
    int64_t start_ns;
};

/** MESSAGE_OUTPUT, MESSAGE_TAIL: one record a piece. */
struct message_output {
    uint64_t key;
    uint8_t stream; /* 1 or 2 */
    struct message_bytes data;
};

/** The outcomes that a worker can tell; numbers of the wire. */
enum message_outcome {
    MESSAGE_EXITED,
    MESSAGE_SIGNALLED,
    MESSAGE_TIMED_OUT,
    MESSAGE_CANCELLED,
    MESSAGE_SPAWN_FAILED,
    MESSAGE_LOST,
    MESSAGE_OUTCOME_COUNT,
};

enum message_result_flags {
    MESSAGE_RESULT_CORE = 1,
    MESSAGE_RESULT_LEAKED = 2,
    MESSAGE_RESULT_FLAGS = MESSAGE_RESULT_CORE | MESSAGE_RESULT_LEAKED,
};

/** How many steps of starting there are, as in enum brood_step. */
#define MESSAGE_STEP_COUNT 7

/** What was captured of one stream: bytes, or a file of this process. */
struct message_captured {
    struct message_bytes data; /* when fd is -1 */
    int32_t fd;
    int32_t error;
    uint64_t size;
    uint64_t lost;
};

/** MESSAGE_RESULTS: one record a job. */
struct message_result {
    uint64_t key;
    uint8_t outcome; /* enum message_outcome */
    uint8_t flags;
    uint8_t step;        /* as enum brood_step */
    int32_t exit_status; /* -1 unless the child exited */
    int32_t signal;
    int32_t error; /* 0 or a negative errno, as all errors here */
    int32_t stop_signal;
    uint32_t pid;
    uint32_t slot;
    int64_t start_ns;
    int64_t duration_ns;
    int64_t user_ns;
    int64_t system_ns;
    uint64_t max_rss_bytes;
    struct message_captured out;
    struct message_captured err;
};

/** MESSAGE_RETURNED: one record a job. */
struct message_returned {
    uint64_t key;
    int32_t reason; /* 0 taken back; -ECANCELED; -EAGAIN and others: no
                     * process or descriptor can be had here now */
};

#endif /* BROOD_PROTO_MESSAGE_H */
