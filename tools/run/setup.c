/* setup - from the command line to a pool that can be fed. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "run/engine.h"
#include "run/joblog.h"
#include "run/shell.h"
#include "run/signals.h"

enum {
    ASK_STATUS = 0,
    PID_SIZE = 24,
    MARK_BYTES = 16,
};

/* A descriptor 0, 1 or 2 that is closed would be taken by the next file that
 * is opened. */
static void open_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            /* The lowest that is free, which is this one; reading finds the
             * end, writing fails, as with the closed one. */
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_PATH);
        }
    }
}

static bool is_separator(const char *word)
{
    return strcmp(word, ":::") == 0 || strcmp(word, "::::") == 0;
}

static bool is_link(const char *word)
{
    return strcmp(word, ":::+") == 0 || strcmp(word, "::::+") == 0;
}

static void set_up_source(struct run *run, struct source *source)
{
    source->skip_blank = run->options.skip_blank;
}

static int add_file(struct run *run, const char *path)
{
    struct source *source = product_add(&run->product);
    char delimiter = run->options.null_delimited ? '\0' : '\n';
    int r;

    *source = (struct source){ .fd = -1 };
    for (size_t i = 0; i + 1 < run->product.n_sources; i++) {
        if (strcmp(path, "-") == 0 && !run->product.sources[i].own_fd &&
            run->product.sources[i].args == NULL) {
            run_fail(run, "standard input can be one source only");
            return -1;
        }
    }
    r = source_from_file(source, path, delimiter);
    if (r < 0) {
        run_fail(run, "cannot read '%s': %s", path, brood_strerror(r));
        return -1;
    }
    set_up_source(run, source);
    return 0;
}

static void add_args(struct run *run, char **args, size_t n_args)
{
    struct source *source = product_add(&run->product);

    source_from_args(source, (const char *const *)args, n_args);
    set_up_source(run, source);
}

/* One group of words behind a separator. */
static int add_group(struct run *run, char **argv, int from, int to)
{
    if (strcmp(argv[from - 1], ":::") == 0) {
        add_args(run, argv + from, (size_t)(to - from));
        return 0;
    }
    for (int i = from; i < to; i++) {
        if (add_file(run, argv[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Read what is behind the command: sources. */
static int add_sources(struct run *run, int argc, char **argv, int at)
{
    for (size_t i = 0; i < run->options.n_arg_files; i++) {
        if (add_file(run, run->options.arg_files[i]) < 0) {
            return -1;
        }
    }
    while (at < argc) {
        int from = ++at;

        while (at < argc && !is_separator(argv[at])) {
            at++;
        }
        if (add_group(run, argv, from, at) < 0) {
            return -1;
        }
    }
    if (run->product.n_sources > 0) {
        return 0;
    }
    if (isatty(STDIN_FILENO)) {
        run_say(run, "reading inputs from the terminal; Ctrl-D ends them");
        writer_flush(&run->writer);
    }
    return add_file(run, "-");
}

static void parse_command(struct run *run, char **words, size_t n_words)
{
    const struct run_options *options = &run->options;
    enum template_style style = options->warm != NULL ? TEMPLATE_RAW
                                : shell_is_csh(text_string(&run->shell))
                                    ? TEMPLATE_QUOTED_FOR_CSH
                                    : TEMPLATE_QUOTED;
    const char *const *command = (const char *const *)words;

    template_init(&run->command, style);
    if (options->quote_command) {
        template_add_quoted(&run->command, command, n_words, &options->names);
    } else {
        template_add(&run->command, command, n_words, &options->names);
    }
    if (run->command.has_replacement) {
        return;
    }
    if (options->quote_command) {
        template_add_inputs_quoted(&run->command);
    } else {
        template_add_inputs(&run->command);
    }
}

/* In a tag, "\t" is a TAB. */
static void parse_tag(struct run *run)
{
    struct text tag = { 0 };
    const char *word;

    template_init(&run->tag, TEMPLATE_RAW);
    if (run->options.tag == NULL) {
        if (run->options.tag_inputs) {
            template_add_inputs(&run->tag);
        }
        return;
    }
    for (const char *p = run->options.tag; *p != '\0'; p++) {
        if (p[0] == '\\' && p[1] == 't') {
            text_add_char(&tag, '\t');
            p++;
        } else {
            text_add_char(&tag, *p);
        }
    }
    word = text_string(&tag);
    template_add(&run->tag, &word, 1, &run->options.names);
    text_clear(&tag);
}

static int parse_dir(struct run *run)
{
    template_init(&run->dir, TEMPLATE_RAW);
    if (run->options.dir == NULL) {
        return 0;
    }
    template_add(&run->dir, &run->options.dir, 1, &run->options.names);
    if (run->dir.has_slot) {
        run_fail(run, "option '--wd': the slot is not known before the job "
                      "starts");
        return -1;
    }
    return 0;
}

static int open_logs(struct run *run)
{
    const struct run_options *options = &run->options;
    uint64_t size;
    int r;

    if (options->dry_run) {
        return 0;
    }
    if (options->joblog != NULL) {
        r = joblog_open(&run->joblog, options->joblog);
        if (r < 0) {
            run_fail(run, "cannot write the job log '%s': %s", run->joblog.name,
                     brood_strerror(r));
            return -1;
        }
    }
    if (options->events != NULL) {
        r = logfile_open(&run->events, options->events, false, &size);
        if (r < 0) {
            run_fail(run, "cannot write the events file '%s': %s",
                     options->events, brood_strerror(r));
            return -1;
        }
    }
    return 0;
}

/* A worker is there before the job, and a task is bytes. */
static int check_warm(struct run *run)
{
    if (run->options.warm == NULL) {
        return 0;
    }
    if (run->options.delay_ms > 0) {
        run_fail(run, "options '--warm' and '--delay' exclude each other");
    } else if (run->command.has_slot || run->tag.has_slot) {
        run_fail(run, "the slot is not known before a job starts, and with "
                      "'--warm' a part of it cannot be replaced then");
    } else if (run->dir.has_replacement) {
        run_fail(run, "option '--wd': with '--warm' the directory is the "
                      "workers', and cannot hold a replacement string");
    }
    return run->own_error ? -1 : 0;
}

static int make_mark(struct run *run)
{
    unsigned char random[MARK_BYTES];
    char *p = run->mark;

    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
        run_fail(run, "cannot get random bytes: %s", brood_strerror(errno));
        return -1;
    }
    p += snprintf(p, RUN_MARK_SIZE, "brood-slot-");
    for (size_t i = 0; i < sizeof(random); i++) {
        p += snprintf(p, 3, "%02x", random[i]);
    }
    (void)snprintf(run->slot_env, sizeof(run->slot_env), "PARALLEL_JOBSLOT=%s",
                   run->mark);
    return 0;
}

/* Everything but the options. */
static int set_up_rest(struct run *run, int argc, char **argv, int first)
{
    int end = first;

    while (end < argc && !is_separator(argv[end])) {
        end++;
    }
    for (int i = first; i < argc; i++) {
        if (is_link(argv[i])) {
            run_fail(run, "'%s' is not known here", argv[i]);
            return -1;
        }
    }
    if (add_sources(run, argc, argv, end) < 0) {
        return -1;
    }
    run->halt = &run->options.halt;
    run->product.keep_all = run->halt->percent;
    shell_find(&run->shell);
    parse_command(run, argv + first, (size_t)(end - first));
    parse_tag(run);
    if (parse_dir(run) < 0 || check_warm(run) < 0 || make_mark(run) < 0) {
        return -1;
    }
    emit_init(&run->emit, &run->writer,
              run->options.tag_inputs || run->options.tag != NULL,
              run->options.tmp_dir);
    return open_logs(run);
}

static void answer(enum run_ask ask)
{
    struct text out = { 0 };

    if (ask == RUN_ASK_HELP) {
        option_help(&run_option_table, &out);
    } else {
        text_add_format(&out, "brood %s\n", brood_version());
    }
    (void)!write(STDOUT_FILENO, out.data, out.size);
    text_clear(&out);
}

int run_setup(struct run *run, int argc, char **argv, int *ret_status)
{
    struct text error = { 0 };
    int first = 0;
    int r;

    open_standard_streams();
    writer_init(&run->writer);
    product_init(&run->product);
    run->signal_fd = -1;
    run->joblog.fd = run->events.fd = -1;
    run->turn = 1;
    r = run_options_read(argc, argv, 2, &run->options, &first, &error);
    if (r < 0) {
        writer_put(&run->writer, WRITER_ERR, error.data, error.size);
        writer_put(&run->writer, WRITER_ERR, "\n", 1);
        run->own_error = true;
    } else if (run->options.ask != RUN_ASK_RUN) {
        answer(run->options.ask);
        *ret_status = ASK_STATUS;
        r = 1;
    } else {
        r = set_up_rest(run, argc, argv, first);
    }
    text_clear(&error);
    if (run->own_error) {
        *ret_status = RUN_STATUS_OURS;
        r = 1;
    }
    return r;
}

/* More slots than jobs are of no use, and threads take time to start. */
static unsigned slots_of_use(const struct run *run, unsigned slots)
{
    int64_t total = product_total(&run->product);

    if (total >= 0 && total < (int64_t)slots) {
        return total < 1 ? 1 : (unsigned)total;
    }
    return slots;
}

static int open_pool(struct run *run)
{
    unsigned slots = slots_of_use(run, run->options.slots);
    struct brood_options options = {
        .slots = slots,
        .tmp_dir = run->options.tmp_dir,
    };
    int r = brood_open(&options, &run->pool);

    if (r < 0) {
        run_fail(run, "cannot start: %s", brood_strerror(r));
        return -1;
    }
    if (brood_slots(run->pool) < slots && !run->options.slots_unlimited) {
        run_say(run,
                "only %u of %u jobs will run at once: the limit of open files "
                "(ulimit -n) allows no more",
                brood_slots(run->pool), slots);
    }
    return 0;
}

int run_open(struct run *run)
{
    char pid[PID_SIZE];
    int r;

    (void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
    if (setenv("PARALLEL_PID", pid, 1) < 0) {
        text_no_memory();
    }
    run->signal_fd = signals_open();
    if (run->signal_fd < 0) {
        run_fail(run, "cannot receive signals: %s",
                 brood_strerror(run->signal_fd));
        return -1;
    }
    run->writer.wake_fd = run->signal_fd;
    run->writer.on_wake = run_signals;
    if (open_pool(run) < 0) {
        return -1;
    }
    r = engine_open(run);
    if (r < 0) {
        run_fail(run, "cannot start: %s", brood_strerror(r));
        return -1;
    }
    return 0;
}

static void free_jobs(struct run_job *job)
{
    while (job != NULL) {
        struct run_job *next = job->next;

        text_clear(&job->command);
        text_clear(&job->dir);
        text_clear(&job->out.tag);
        free(job);
        job = next;
    }
}

/* With nothing left to stop, the end of the process does what closing would,
 * in less time: that counts for those who run one command after the other. */
static void leave_pool(struct run *run)
{
    static struct brood *left;

    if (run->batch != NULL && engine_is_done(run)) {
        left = run->pool;
        run->pool = NULL;
        run->batch = NULL;
    }
    (void)left;
}

void run_clear(struct run *run)
{
    leave_pool(run);
    engine_free(run);
    run->pool = brood_close(run->pool);
    if (run->pending != NULL) {
        run_job_free(run, run->pending);
    }
    free_jobs(run->unused);
    if (run->signal_fd >= 0) {
        (void)close(run->signal_fd);
    }
    emit_clear(&run->emit);
    logfile_close(&run->joblog);
    logfile_close(&run->events);
    progress_clear(&run->progress);
    writer_clear(&run->writer);
    template_clear(&run->command);
    template_clear(&run->tag);
    template_clear(&run->dir);
    text_clear(&run->shell);
    text_clear(&run->made_dir);
    text_clear(&run->worker);
    product_clear(&run->product);
    run_options_clear(&run->options);
}
