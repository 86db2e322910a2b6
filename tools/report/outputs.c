/* outputs - what some of the jobs have written, for the page. */
#include <inttypes.h>
#include <stdlib.h>

#include "report/report.h"

enum {
    /* So many jobs, the end of each, all together. */
    SHOWN_FAILED = 200,
    SHOWN_SLOW = 20,
    OUTPUT_MAX_BYTES = 32 * 1024,
    OUTPUTS_MAX_BYTES = 16 << 20,
};

/* ["stdout","text",bytes before it] of each stream that has something. */
static int add_streams(struct report *report,
                       sqlite3_stmt *row,
                       const struct report_job *job,
                       struct text *out)
{
    const char *before = "";
    int step;

    text_add_format(out, "\"%" PRIu64 "\":[", job->seq);
    (void)sqlite3_reset(row);
    (void)sqlite3_bind_int64(row, 1, job->result);
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        struct text bytes = { 0 };
        size_t left;

        if (store_reader_is_removed(row, 1)) {
            text_add_format(&bytes, "(%lld bytes, removed)",
                            (long long)sqlite3_column_int64(row, 3));
        } else if (store_reader_output(&report->reader, row, 1, &bytes) < 0) {
            report_fail(report);
        }
        left =
            bytes.size > OUTPUT_MAX_BYTES ? bytes.size - OUTPUT_MAX_BYTES : 0;
        if (bytes.size > 0) {
            text_add_format(out, "%s[\"%s\",", before,
                            sqlite3_column_int(row, 0) == 1 ? "stdout"
                                                            : "stderr");
            report_add_string(out, bytes.data + left, bytes.size - left);
            text_add_format(out, ",%zu]", left);
            before = ",";
        }
        text_clear(&bytes);
    }
    text_add_char(out, ']');
    return step;
}

static int by_duration(const void *a, const void *b)
{
    const struct report_job *const *x = a;
    const struct report_job *const *y = b;

    return ((*x)->duration_us < (*y)->duration_us) -
           ((*x)->duration_us > (*y)->duration_us);
}

/* Those whose output is shown: the first that failed, and the slowest.
 * Returns: how many; *ret is to be freed. */
static size_t pick_shown(const struct report *report, struct report_job ***ret)
{
    struct report_job **slow =
        calloc(report->n_listed + 1, sizeof(struct report_job *));
    struct report_job **shown =
        calloc(SHOWN_FAILED + SHOWN_SLOW, sizeof(struct report_job *));
    size_t n = 0;
    size_t n_slow = 0;

    if (slow == NULL || shown == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < report->n_jobs; i++) {
        struct report_job *job = &report->jobs[i];

        if (!job->is_listed || job->start_us < 0) {
            continue;
        }
        if (store_outcome_is_failure(job->outcome) && n < SHOWN_FAILED) {
            shown[n++] = job;
        } else {
            slow[n_slow++] = job;
        }
    }
    qsort(slow, n_slow, sizeof(struct report_job *), by_duration);
    for (size_t i = 0; i < n_slow && i < SHOWN_SLOW; i++) {
        shown[n++] = slow[i];
    }
    free((void *)slow);
    *ret = shown;
    return n;
}

int report_outputs(struct report *report, struct text *out)
{
    struct report_job **shown = NULL;
    size_t n = report->options.no_output ? 0 : pick_shown(report, &shown);
    size_t start = out->size;
    sqlite3_stmt *row =
        report_prepare(report, "SELECT stream, data, file, size FROM outputs"
                               " WHERE result = ?1 ORDER BY stream");
    int step = SQLITE_DONE;

    text_add_string(out, ",\"outputs\":{");
    for (size_t i = 0; row != NULL && i < n && step == SQLITE_DONE &&
                       out->size - start < OUTPUTS_MAX_BYTES;
         i++) {
        text_add_string(out, i > 0 ? "," : "");
        step = add_streams(report, row, shown[i], out);
    }
    text_add_char(out, '}');
    free((void *)shown);
    return report_finish(report, row, step);
}
