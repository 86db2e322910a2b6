/*
 * The job of a test is this program, which holds until it is traced and then
 * becomes the test (hold.h), so that nothing that the test does is missed and
 * its process stays the job's.
 */
#include "test/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "test/hold.h"
#include "test/trace.h"

enum {
    FILE_MODE = 0600,
    /* Before the words of the test: see hold.h. */
    HOLD_WORDS = 4,
    /* So many are named on a line. */
    SHOWN_MAX = 4,
    /* Below, numbers are for what a script does itself. */
    SHELL_FIRST_FD = 10,
};

/* Of a case. */
struct watch {
    struct trace trace;
    struct test_descriptors *all;
    size_t number;
};

struct test_descriptors {
    /* The file with the locks. */
    char *path;
    int fd;
    struct watch *watches;
    bool has_said_refused;
    bool has_said_rival;
};

static struct watch *watch_of(const struct testing *t,
                              const struct test_case *c)
{
    return &t->descriptors->watches[c - t->cases];
}

int test_descriptors_open(struct testing *t)
{
    struct test_descriptors *all;
    struct text path = { 0 };

    if (!t->options.descriptors || t->options.bisect != NULL) {
        return 0;
    }
    all = calloc(1, sizeof(*all));
    text_add_format(&path, "%s/hold", t->tmp_dir);
    if (all != NULL) {
        all->path = strdup(text_string(&path));
        all->watches = calloc(t->n_cases, sizeof(*all->watches));
    }
    text_clear(&path);
    if (all == NULL || all->path == NULL || all->watches == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < t->n_cases; i++) {
        all->watches[i].all = all;
        all->watches[i].number = i;
    }
    t->descriptors = all;
    all->fd = open(all->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (all->fd < 0) {
        test_fail(t, TEST_STATUS_OURS, "cannot make '%s': %s", all->path,
                  brood_strerror(-errno));
        return -1;
    }
    return 0;
}

void test_descriptors_close(struct testing *t)
{
    struct test_descriptors *all = t->descriptors;

    if (all == NULL) {
        return;
    }
    for (size_t i = 0; i < t->n_cases; i++) {
        trace_clear(&all->watches[i].trace);
    }
    if (all->fd >= 0) {
        (void)close(all->fd);
    }
    free(all->watches);
    free(all->path);
    free(all);
    t->descriptors = NULL;
}

void test_descriptors_hold(struct testing *t,
                           const struct test_case *c,
                           struct arena *arena,
                           struct brood_job *job)
{
    const struct watch *watch = watch_of(t, c);
    struct text number = { 0 };
    const char **argv;
    size_t words = 0;
    size_t n = 0;

    while (job->argv[words] != NULL) {
        words++;
    }
    text_add_number(&number, watch->number);
    argv = arena_take(arena, (words + HOLD_WORDS + 1) * sizeof(const char *));
    argv[n++] = "/proc/self/exe";
    argv[n++] = "test-hold";
    argv[n++] = watch->all->path;
    argv[n++] = arena_copy(arena, number.data, number.size);
    memcpy((void *)(argv + n), (const void *)job->argv,
           (words + 1) * sizeof(const char *));
    text_clear(&number);
    job->argv = argv;
    (void)hold_lock(watch->all->fd, watch->number, true);
}

/* On the thread that traces. */
static void release(void *user)
{
    const struct watch *watch = user;

    (void)hold_lock(watch->all->fd, watch->number, false);
}

static void say_refused(struct testing *t, int error)
{
    if (!t->descriptors->has_said_refused) {
        t->descriptors->has_said_refused = true;
        test_say(t, "--descriptors: tests cannot be traced: %s",
                 brood_strerror(error));
    }
}

void test_descriptors_start(struct testing *t, const struct test_case *c)
{
    struct watch *watch = watch_of(t, c);
    int r = trace_start(&watch->trace, c->pid, release, watch);

    if (r < 0) {
        say_refused(t, r);
        release(watch);
    }
}

/* A file that is a word of the test's command. */
static bool is_word(const struct suite_test *test, const char *name)
{
    struct text path = { 0 };
    struct stat file;
    struct stat word;
    bool is = false;

    if (*name != '/' || stat(name, &file) < 0) {
        return false;
    }
    for (size_t i = 0; i < test->argv.n && !is; i++) {
        const char *item = test->argv.items[i];

        text_reset(&path);
        if (*item != '/' && test->dir != NULL) {
            text_add_format(&path, "%s/", test->dir);
        }
        text_add_string(&path, item);
        is = stat(text_string(&path), &word) == 0 &&
             word.st_dev == file.st_dev && word.st_ino == file.st_ino;
    }
    text_clear(&path);
    return is;
}

/* A shell keeps the script that it runs open: no fault of the script. */
static void leave_out_script(struct trace *trace, const struct suite_test *test)
{
    for (size_t i = 0; i < trace->n; i++) {
        struct trace_file file = trace->files[i];

        if (file.fd >= SHELL_FIRST_FD && is_word(test, file.name)) {
            free(file.name);
            memmove(&trace->files[i], &trace->files[i + 1],
                    (trace->n - i - 1) * sizeof(file));
            trace->n--;
            trace->total--;
            return;
        }
    }
}

void test_descriptors_end(struct testing *t,
                          const struct test_case *c,
                          struct brood_result *result)
{
    struct test_descriptors *all = t->descriptors;
    struct watch *watch = watch_of(t, c);
    int error = 0;

    trace_join(&watch->trace);
    if (result->outcome == BROOD_EXITED && result->exit_status == HOLD_FAILED) {
        error = hold_take_error(all->fd, watch->number);
    }
    if (error != 0) {
        result->outcome = BROOD_SPAWN_FAILED;
        result->step = BROOD_STEP_EXEC;
        result->error = -error;
        result->exit_status = -1;
        trace_clear(&watch->trace);
    }
    if (watch->trace.state == TRACE_REFUSED) {
        say_refused(t, watch->trace.error);
    } else if (watch->trace.state == TRACE_RIVAL && !all->has_said_rival) {
        all->has_said_rival = true;
        test_say(t,
                 "--descriptors: '%s' has LeakSanitizer, which does not work "
                 "in what is traced: its descriptors are not looked at, nor "
                 "those of others that have it",
                 c->test->name);
    }
    leave_out_script(&watch->trace, c->test);
}

static const struct trace *seen(const struct testing *t,
                                const struct test_case *c)
{
    const struct watch *watch;

    if (t->descriptors == NULL ||
        (c->is_over && c->verdict == VERDICT_CANCELLED)) {
        return NULL;
    }
    watch = watch_of(t, c);
    return watch->trace.state == TRACE_SEEN ? &watch->trace : NULL;
}

size_t test_descriptors_count(const struct testing *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n_cases; i++) {
        const struct trace *trace = seen(t, &t->cases[i]);

        n += trace != NULL && trace->total > 0;
    }
    return n;
}

static void add_names(const struct trace *trace, size_t max, struct text *out)
{
    size_t n = trace->n < max ? trace->n : max;

    for (size_t i = 0; i < n; i++) {
        text_add_format(out, "%s%d %s", i > 0 ? ", " : "", trace->files[i].fd,
                        trace->files[i].name);
    }
    if (trace->total > n) {
        text_add_format(out, ", and %zu more", trace->total - n);
    }
}

bool test_descriptors_add(const struct testing *t,
                          const struct test_case *c,
                          bool all,
                          struct text *out)
{
    const struct trace *trace = seen(t, c);

    if (trace == NULL || trace->total == 0) {
        return false;
    }
    text_add_format(out, "left %zu descriptor%s open: ", trace->total,
                    trace->total == 1 ? "" : "s");
    add_names(trace, all ? SIZE_MAX : SHOWN_MAX, out);
    return true;
}

int64_t test_descriptors_of(const struct testing *t, const struct test_case *c)
{
    const struct trace *trace = seen(t, c);

    return trace == NULL ? -1 : (int64_t)trace->total;
}

void test_descriptors_add_json(const struct testing *t,
                               const struct test_case *c,
                               struct text *out)
{
    const struct trace *trace = seen(t, c);

    if (trace == NULL) {
        return;
    }
    text_add_string(out, ",\"descriptors\":[");
    for (size_t i = 0; i < trace->n; i++) {
        const char *name = trace->files[i].name;

        text_add_format(out, "%s{\"fd\":%d,", i > 0 ? "," : "",
                        trace->files[i].fd);
        json_add_text(out, "file", name, strlen(name));
        text_add_char(out, '}');
    }
    text_add_format(out, "],\"descriptors_total\":%zu", trace->total);
}
