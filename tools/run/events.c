#include "run/events.h"

#include <inttypes.h>
#include <string.h>

#include "run/utf8.h"

static void add_escaped(struct text *out, const char *data, size_t size)
{
    static const char special[] = "\"\\\n\t\r\b\f";
    static const char letters[] = "\"\\ntrbf";

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        const char *at = c != '\0' ? strchr(special, c) : NULL;

        if (at != NULL) {
            text_add_char(out, '\\');
            text_add_char(out, letters[at - special]);
        } else if (c < 0x20 || c == 0x7f) {
            text_add_format(out, "\\u%04x", c);
        } else {
            text_add_char(out, (char)c);
        }
    }
}

static void add_base64(struct text *out, const char *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)data;

    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)p[i] << 16;
        char four[4];

        group |= left > 1 ? (uint32_t)p[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)p[i + 2] : 0;
        four[0] = digits[group >> 18];
        four[1] = digits[group >> 12 & 63];
        four[2] = (char)(left > 1 ? digits[group >> 6 & 63] : '=');
        four[3] = (char)(left > 2 ? digits[group & 63] : '=');
        text_add(out, four, sizeof(four));
    }
}

void events_add_text(struct text *out,
                     const char *name,
                     const char *data,
                     size_t size)
{
    bool is_text = utf8_is_valid(data, size);

    text_add_format(out, "\"%s%s\":\"", name, is_text ? "" : "_base64");
    if (is_text) {
        add_escaped(out, data, size);
    } else {
        add_base64(out, data, size);
    }
    text_add_char(out, '"');
}

/* ,"name":12.345678 */
static void add_seconds(struct text *out, const char *name, int64_t ns)
{
    enum {
        NS_PER_US = 1000,
        US_PER_S = 1000000
    };
    int64_t us = ns / NS_PER_US;

    text_add_format(out, ",\"%s\":%" PRId64 ".%06d", name, us / US_PER_S,
                    (int)(us % US_PER_S));
}

static void add_number_or_null(struct text *out,
                               const char *name,
                               bool has,
                               int number)
{
    if (has) {
        text_add_format(out, ",\"%s\":%d", name, number);
    } else {
        text_add_format(out, ",\"%s\":null", name);
    }
}

static void add_error(struct text *out, const struct brood_result *result)
{
    if (result->outcome != BROOD_SPAWN_FAILED) {
        text_add_string(out, ",\"error\":null");
        return;
    }
    text_add_format(out, ",\"error\":\"cannot %s: %s\"",
                    brood_step_name(result->step),
                    brood_strerror(result->error));
}

static void add_usage(struct text *out, const struct brood_result *result)
{
    bool started = result->attempt > 0;

    add_number_or_null(out, "pid", result->pid != 0, result->pid);
    add_number_or_null(out, "slot", result->slot != 0, (int)result->slot);
    text_add_format(out, ",\"attempts\":%u", result->attempt);
    if (!started || result->start_ns == 0) {
        text_add_string(out, ",\"start\":null,\"runtime\":null,\"user\":null,"
                             "\"system\":null,\"max_rss_bytes\":null");
        return;
    }
    add_seconds(out, "start", result->start_ns);
    add_seconds(out, "runtime", result->duration_ns);
    add_seconds(out, "user", result->user_ns);
    add_seconds(out, "system", result->system_ns);
    text_add_format(out, ",\"max_rss_bytes\":%" PRIu64, result->max_rss_bytes);
}

void events_add(struct logfile *log,
                const struct brood_result *result,
                const struct events_more *more)
{
    enum brood_outcome outcome = result->outcome;
    struct text *out = &log->lines;

    if (more->timed_out && outcome == BROOD_CANCELLED) {
        outcome = BROOD_TIMED_OUT;
    }
    text_add_format(out, "{\"seq\":%" PRIu64 ",", result->seq);
    events_add_text(out, "command", text_string(more->command),
                    more->command->size);
    text_add_format(out, ",\"outcome\":\"%s\"", brood_outcome_name(outcome));
    add_number_or_null(out, "exit_status", result->exit_status >= 0,
                       result->exit_status);
    add_number_or_null(out, "signal", result->signal != 0, result->signal);
    text_add_format(out, ",\"core_dumped\":%s",
                    result->core_dumped ? "true" : "false");
    add_error(out, result);
    add_usage(out, result);
    text_add_format(out,
                    ",\"stdout_bytes\":%" PRIu64 ",\"stderr_bytes\":%" PRIu64
                    ",\"leaked\":%s}\n",
                    more->stdout_bytes, more->stderr_bytes,
                    result->leaked ? "true" : "false");
}
