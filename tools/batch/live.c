/*
 * live - the jobs that run, at the foot of the terminal: one line for each of
 * those that have run longest, under one that says how the batch goes.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "batch/batch.h"
#include "run/utf8.h"

enum {
    ROWS_DEFAULT = 24,
    ROWS_MAX = 20,
    /* Rows of the terminal that are left to what jobs write. */
    ROWS_LEFT = 4,
    WIDTH_DEFAULT = 80,
    WIDTH_MIN = 20,
    AGE_WIDTH = 9,
    NAME_WIDTH = 20,
    TAIL_BYTES = 500,
    PERCENT = 100,
};

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define DRAW_NS   (200 * NS_PER_MS)
#define LOOK_NS   (500 * NS_PER_MS)

/* Lines are cut, not wrapped, so that it is known where they are. */
static const char no_wrap[] = "\033[?7l";
static const char wrap[] = "\033[?7h";

void batch_live_init(struct batch *batch)
{
    batch->live.on = batch->options.live && isatty(STDERR_FILENO) &&
                     !batch->options.no_progress;
}

void batch_live_clear(struct batch *batch)
{
    free(batch->live.sorted);
    text_clear(&batch->live.out);
}

static struct winsize terminal_size(void)
{
    struct winsize size = { 0 };

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 ||
        size.ws_col < WIDTH_MIN) {
        size.ws_col = WIDTH_DEFAULT;
    }
    if (size.ws_row == 0) {
        size.ws_row = ROWS_DEFAULT;
    }
    return size;
}

/* The last line of an output that has something in it; of one that is written
 * over again and again, what is to be seen now. */
static void last_line(const char *data, size_t size, struct text *ret)
{
    size_t end = size;
    size_t start;

    while (end > 0 && (unsigned char)data[end - 1] <= ' ') {
        end--;
    }
    start = end;
    while (start > 0 && data[start - 1] != '\n' && data[start - 1] != '\r') {
        start--;
    }
    text_reset(ret);
    text_add(ret, data + start, end - start);
}

void batch_live_tail(struct batch_active *active,
                     int stream,
                     const void *data,
                     size_t size)
{
    struct batch_tail *tail = &active->tail;
    struct text line = { 0 };

    last_line(data, size, &line);
    if (line.size > 0 &&
        strcmp(text_string(&line), text_string(&tail->seen[stream - 1])) != 0) {
        text_reset(&tail->seen[stream - 1]);
        text_add(&tail->seen[stream - 1], line.data, line.size);
        tail->stream = stream;
    }
    text_clear(&line);
}

void batch_live_on_tail(struct brood_batch *brood_batch,
                        const struct brood_result *job,
                        int stream,
                        const void *data,
                        size_t size,
                        void *user)
{
    (void)brood_batch;
    (void)user;
    batch_live_tail(job->tag, stream, data, size);
}

static void look_at(struct batch *batch, struct batch_active *a)
{
    for (int stream = 1; stream <= 2; stream++) {
        if (a->child != NULL) {
            (void)brood_child_peek(a->child, stream, TAIL_BYTES);
        } else {
            (void)brood_peek(batch->batch, a->id, stream, TAIL_BYTES);
        }
    }
}

static int by_start(const void *a, const void *b)
{
    const struct batch_active *const *x = a;
    const struct batch_active *const *y = b;

    return ((*x)->started_ns > (*y)->started_ns) -
           ((*x)->started_ns < (*y)->started_ns);
}

/* Those that have been started, the oldest first. Returns: how many. */
static size_t sort_active(struct batch *batch)
{
    struct batch_live *live = &batch->live;
    size_t n = 0;

    if (live->room < batch->n_active) {
        live->room = 2 * (size_t)batch->n_active;
        live->sorted = reallocarray(live->sorted, live->room,
                                    sizeof(struct batch_active *));
        if (live->sorted == NULL) {
            text_no_memory();
        }
    }
    for (struct batch_active *a = batch->active; a != NULL; a = a->next) {
        if (a->started_ns > 0) {
            live->sorted[n++] = a;
        }
    }
    if (n > 0) {
        qsort(live->sorted, n, sizeof(struct batch_active *), by_start);
    }
    return n;
}

/* Add a text of one line in up to @width columns, as if each character took
 * one; what a terminal would obey is left out. Returns: the columns taken. */
static int add_cut(struct text *out, const char *text, int width)
{
    size_t size = utf8_valid_size(text, strlen(text));
    int n = 0;

    for (size_t i = 0; i < size && n <= width; i++) {
        unsigned char c = (unsigned char)text[i];

        n += (c & 0xc0) != 0x80;
        if (n <= width) {
            text_add(out, c < ' ' || c == 0x7f ? " " : &text[i], 1);
        }
    }
    return n < width ? n : width;
}

static const char *said_by(const struct batch_active *a)
{
    if (a->news.has_progress && a->news.note.size > 0) {
        return a->news.note.data;
    }
    return a->tail.stream != 0 ? text_string(&a->tail.seen[a->tail.stream - 1])
                               : a->command;
}

static void add_job(struct text *out,
                    const struct batch_active *a,
                    int64_t now_ns,
                    int width)
{
    struct text name = { 0 };
    struct text age = { 0 };
    int n;

    if (a->spec.id != NULL) {
        text_add_string(&name, a->spec.id);
    } else {
        batch_job_place(a->job, &name);
    }
    progress_add_time(&age, (now_ns - a->started_ns) / NS_PER_S);
    text_add_format(out, "%*s  ", AGE_WIDTH, text_string(&age));
    n = add_cut(out, text_string(&name), NAME_WIDTH);
    text_add_format(out, "%*s", NAME_WIDTH - n + 2, "");
    if (a->news.has_progress) {
        text_add_format(out, "%3d%%  ", (int)(a->news.fraction * PERCENT));
    }
    (void)add_cut(out, said_by(a), width);
    text_add_string(out, "\033[K\n");
    text_clear(&name);
    text_clear(&age);
}

void batch_live_erase(struct batch *batch)
{
    struct batch_live *live = &batch->live;
    struct text out = { 0 };

    if (live->n_lines > 0) {
        text_add_format(&out, "\r\033[%uA\033[J", live->n_lines);
        (void)!write(STDERR_FILENO, out.data, out.size);
        live->n_lines = 0;
        text_clear(&out);
    }
}

static void draw(struct batch *batch,
                 const struct progress_counts *counts,
                 int64_t now_ns)
{
    struct batch_live *live = &batch->live;
    struct winsize size = terminal_size();
    size_t n = sort_active(batch);
    size_t rows = size.ws_row;
    size_t shown;

    rows = rows > ROWS_LEFT ? rows - ROWS_LEFT : 1;
    rows = rows < ROWS_MAX ? rows : ROWS_MAX;
    shown = n < rows ? n : rows - 1;
    text_reset(&live->out);
    if (live->n_lines > 0) {
        text_add_format(&live->out, "\r\033[%uA", live->n_lines);
    }
    text_add_string(&live->out, no_wrap);
    progress_line(RUN_PROGRESS_ALL, counts, now_ns - batch->progress.start_ns,
                  size.ws_col, &live->out);
    text_add_string(&live->out, "\033[K\n");
    live->n_lines = 1;
    for (size_t i = 0; i < shown; i++) {
        add_job(&live->out, live->sorted[i], now_ns, size.ws_col);
        live->n_lines++;
    }
    if (shown < n) {
        text_add_format(&live->out, "%*s  and %zu more\033[K\n", AGE_WIDTH, "",
                        n - shown);
        live->n_lines++;
    }
    text_add_string(&live->out, "\033[J");
    text_add_string(&live->out, wrap);
    (void)!write(STDERR_FILENO, live->out.data, live->out.size);
    if (now_ns - live->looked_ns >= LOOK_NS) {
        live->looked_ns = now_ns;
        for (size_t i = 0; i < shown; i++) {
            look_at(batch, live->sorted[i]);
        }
    }
}

int batch_live_draw(struct batch *batch, const struct progress_counts *counts)
{
    struct batch_live *live = &batch->live;
    int64_t now_ns = clock_now_ns();
    int64_t left_ns = DRAW_NS - (now_ns - live->drawn_ns);

    if (!live->on) {
        return -1;
    }
    if (left_ns <= 0) {
        draw(batch, counts, now_ns);
        live->drawn_ns = now_ns;
        left_ns = DRAW_NS;
    }
    return (int)((left_ns + NS_PER_MS - 1) / NS_PER_MS);
}
