/* outputs - what some of the jobs have written, for the page. */
#include <inttypes.h>
#include <stdlib.h>

#include "report/report.h"

enum {
    /* The end of each, and all together. */
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

        if (store_reader_output(&report->reader, row, 1, &bytes) < 0) {
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

int report_outputs(struct report *report, struct text *out)
{
    struct report_job **shown = NULL;
    size_t n = report->options.no_output ? 0 : report_shown(report, &shown);
    size_t start = out->size;
    sqlite3_stmt *row =
        report_prepare(report, "SELECT stream, data, file FROM outputs"
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
