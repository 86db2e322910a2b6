#include "run/events.h"

#include <inttypes.h>
#include <string.h>

#include "json.h"

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

static void add_usage(struct text *out,
                      const struct brood_result *result,
                      unsigned attempts)
{
    add_number_or_null(out, "pid", result->pid != 0, result->pid);
    add_number_or_null(out, "slot", result->slot != 0, (int)result->slot);
    text_add_format(out, ",\"attempts\":%u", attempts);
    if (attempts == 0 || result->start_ns == 0) {
        text_add_string(out, ",\"start\":null,\"runtime\":null,\"user\":null,"
                             "\"system\":null,\"max_rss_bytes\":null");
        return;
    }
    json_add_seconds(out, "start", result->start_ns);
    json_add_seconds(out, "runtime", result->duration_ns);
    json_add_seconds(out, "user", result->user_ns);
    json_add_seconds(out, "system", result->system_ns);
    text_add_format(out, ",\"max_rss_bytes\":%" PRIu64, result->max_rss_bytes);
}

void events_add_result(struct text *out,
                       const struct brood_result *result,
                       unsigned attempts)
{
    add_number_or_null(out, "exit_status", result->exit_status >= 0,
                       result->exit_status);
    add_number_or_null(out, "signal", result->signal != 0, result->signal);
    text_add_format(out, ",\"core_dumped\":%s",
                    result->core_dumped ? "true" : "false");
    add_error(out, result);
    add_usage(out, result, attempts);
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
    json_add_text(out, "command", text_string(more->command),
                  more->command->size);
    text_add_format(out, ",\"outcome\":\"%s\"", brood_outcome_name(outcome));
    events_add_result(out, result, result->attempt);
    text_add_format(out,
                    ",\"stdout_bytes\":%" PRIu64 ",\"stderr_bytes\":%" PRIu64
                    ",\"leaked\":%s}\n",
                    more->stdout_bytes, more->stderr_bytes,
                    result->leaked ? "true" : "false");
}
