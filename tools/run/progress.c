#include "run/progress.h"

#include <inttypes.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "run/terminal.h"

enum {
    WIDTH_DEFAULT = 80,
    WIDTH_MIN = 20,
    BAR_MAX = 40,
    SECONDS_PER_MINUTE = 60,
    SECONDS_PER_HOUR = 3600,
};

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define GAP_NS    (100 * NS_PER_MS)

void progress_init(struct progress *progress,
                   enum run_progress kind,
                   int64_t now_ns)
{
    *progress = (struct progress){ .kind = kind, .start_ns = now_ns };
    if (kind == RUN_PROGRESS_NONE || !terminal_is_able(STDERR_FILENO)) {
        progress->kind = RUN_PROGRESS_NONE;
    }
}

void progress_clear(struct progress *progress)
{
    text_clear(&progress->line);
}

static int terminal_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 ||
        size.ws_col < WIDTH_MIN) {
        return WIDTH_DEFAULT;
    }
    return size.ws_col;
}

void progress_add_time(struct text *out, int64_t seconds)
{
    if (seconds >= SECONDS_PER_HOUR) {
        text_add_format(out, "%" PRId64 ":%02d:%02d",
                        seconds / SECONDS_PER_HOUR,
                        (int)(seconds / SECONDS_PER_MINUTE % 60),
                        (int)(seconds % SECONDS_PER_MINUTE));
    } else {
        text_add_format(out, "%d:%02d", (int)(seconds / SECONDS_PER_MINUTE),
                        (int)(seconds % SECONDS_PER_MINUTE));
    }
}

static double rate(const struct progress_counts *counts, int64_t elapsed_ns)
{
    return elapsed_ns <= 0 ? 0
                           : (double)(counts->done - counts->known) *
                                 (double)NS_PER_S / (double)elapsed_ns;
}

static void add_bar(struct text *out,
                    const struct progress_counts *counts,
                    int width)
{
    int cells = width / 3 > BAR_MAX ? BAR_MAX : width / 3;
    double part =
        counts->total > 0 ? (double)counts->done / (double)counts->total : 0;
    int full = (int)(part * cells);

    text_add_char(out, '[');
    for (int i = 0; i < cells; i++) {
        text_add_char(out, i < full ? '#' : ' ');
    }
    text_add_format(out, "] %3d%% ", (int)(part * 100));
}

static void add_left(struct text *out,
                     const struct progress_counts *counts,
                     int64_t elapsed_ns)
{
    double per_s = rate(counts, elapsed_ns);

    if (counts->total < 0) {
        text_add_format(out, ", %.1f/s", per_s);
    } else if (counts->left_ns > 0) {
        text_add_string(out, ", ");
        progress_add_time(out, (counts->left_ns + NS_PER_S / 2) / NS_PER_S);
        text_add_string(out, " left");
    } else if (per_s > 0) {
        double left = (double)counts->total - (double)counts->done;

        text_add_string(out, ", ");
        progress_add_time(out, (int64_t)(left / per_s + 0.5));
        text_add_string(out, " left");
    }
}

void progress_line(enum run_progress kind,
                   const struct progress_counts *counts,
                   int64_t elapsed_ns,
                   int width,
                   struct text *out)
{
    size_t start = out->size;

    if (kind == RUN_PROGRESS_BAR && counts->total >= 0) {
        add_bar(out, counts, width);
    }
    text_add_number(out, counts->done);
    if (counts->total >= 0) {
        text_add_format(out, "/%" PRId64, counts->total);
    }
    text_add_string(out, " done");
    if (kind != RUN_PROGRESS_BAR || counts->total < 0) {
        text_add_format(out, ", %" PRIu64 " running", counts->running);
    }
    if (counts->failed > 0) {
        text_add_format(out, ", %" PRIu64 " failed", counts->failed);
    }
    if (kind == RUN_PROGRESS_COUNTS || kind == RUN_PROGRESS_ALL) {
        text_add_format(out, ", %.1f/s", rate(counts, elapsed_ns));
    }
    if (kind != RUN_PROGRESS_COUNTS &&
        (kind != RUN_PROGRESS_ALL || counts->total >= 0)) {
        add_left(out, counts, elapsed_ns);
    }
    if (counts->detail != NULL && *counts->detail != '\0') {
        text_add_format(out, ": %s", counts->detail);
    }
    if (out->size - start > (size_t)width - 1) {
        out->size = start + (size_t)width - 1;
        /* Not in the middle of a character. */
        while (out->size > start &&
               ((unsigned char)out->data[out->size] & 0xc0) == 0x80) {
            out->size--;
        }
        out->data[out->size] = '\0';
    }
}

static void draw(struct progress *progress,
                 const struct progress_counts *counts,
                 int64_t now_ns,
                 const char *end)
{
    struct text *line = &progress->line;

    text_reset(line);
    text_add_char(line, '\r');
    progress_line(progress->kind, counts, now_ns - progress->start_ns,
                  terminal_width(), line);
    text_add_string(line, "\033[K");
    text_add_string(line, end);
    (void)!write(STDERR_FILENO, line->data, line->size);
    progress->drawn_ns = now_ns;
    progress->shown = true;
}

void progress_draw(struct progress *progress,
                   const struct progress_counts *counts,
                   int64_t now_ns)
{
    if (progress->kind != RUN_PROGRESS_NONE &&
        now_ns - progress->drawn_ns >= GAP_NS) {
        draw(progress, counts, now_ns, "");
    }
}

void progress_erase(struct progress *progress)
{
    static const char erase[] = "\r\033[K";

    if (progress->shown) {
        (void)!write(STDERR_FILENO, erase, sizeof(erase) - 1);
        progress->shown = false;
    }
}

void progress_finish(struct progress *progress,
                     const struct progress_counts *counts,
                     int64_t now_ns)
{
    if (progress->kind != RUN_PROGRESS_NONE) {
        draw(progress, counts, now_ns, "\n");
        progress->shown = false;
    }
}

int progress_wait_ms(const struct progress *progress, int64_t now_ns)
{
    int64_t left = GAP_NS - (now_ns - progress->drawn_ns);

    if (progress->kind == RUN_PROGRESS_NONE) {
        return -1;
    }
    return left <= 0 ? 0 : (int)((left + NS_PER_MS - 1) / NS_PER_MS);
}
