#include "run/joblog.h"

#include <inttypes.h>

int joblog_open(struct logfile *log, const char *name)
{
    bool append = name[0] == '+';
    uint64_t size;
    int r = logfile_open(log, name + append, append, &size);

    if (r == 0 && size == 0) {
        text_add_string(&log->lines,
                        "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\t"
                        "Exitval\tSignal\tCommand\n");
    }
    return r;
}

/* Nanoseconds as seconds with three digits, rounded. */
static void add_seconds(struct text *out, int64_t ns, int width)
{
    enum {
        NS_PER_MS = 1000000,
        MS_PER_S = 1000
    };
    int64_t ms = (ns + NS_PER_MS / 2) / NS_PER_MS;

    text_add_format(out, "%*" PRId64 ".%03d", width, ms / MS_PER_S,
                    (int)(ms % MS_PER_S));
}

void joblog_add(struct logfile *log,
                const struct brood_result *result,
                const struct verdict *verdict,
                uint64_t received_bytes,
                const struct text *command)
{
    enum {
        RUNTIME_WIDTH = 6
    };
    struct text *out = &log->lines;
    size_t at;

    text_add_number(out, result->seq);
    text_add_string(out, "\t:\t");
    add_seconds(out, result->start_ns, 1);
    text_add_char(out, '\t');
    add_seconds(out, result->duration_ns, RUNTIME_WIDTH);
    text_add_format(out, "\t0\t%" PRIu64 "\t%d\t%d\t", received_bytes,
                    verdict->exit_value, verdict->signal);
    at = out->size;
    text_add(out, text_string(command), command->size);
    for (; at < out->size; at++) {
        if (out->data[at] == '\n') {
            out->data[at] = '\0';
        }
    }
    text_add_char(out, '\n');
}
