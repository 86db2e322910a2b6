/* submit - `brood submit`: jobs from a script to the batch that runs it. */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brood.h>

#include "json.h"
#include "run/utf8.h"
#include "talk/talk.h"

enum submit_option {
    OPT_ID = 1,
    OPT_AFTER,
    OPT_TAG,
    OPT_PRIORITY,
    OPT_CWD,
    OPT_SH,
    OPT_CHANNEL,
};

enum {
    PIECE = 1 << 16,
};

#define GROUP "Options"

/* clang-format off */
static const struct option_row rows[] = {
    { .id = OPT_ID, .letters = "i", .names = "id",
      .value = OPTION_VALUE, .placeholder = "NAME", .group = GROUP,
      .help = "call the job NAME",
      .manual = "Give the job a name, which no other of the batch has." },
    { .id = OPT_AFTER, .letters = "a", .names = "after",
      .value = OPTION_VALUE, .placeholder = "NAME", .group = GROUP,
      .help = "start when NAME has ended well; may be repeated",
      .manual =
        "Start the job when the one called NAME has ended well. May be "
        "repeated." },
    { .id = OPT_TAG, .letters = "t", .names = "tag",
      .value = OPTION_VALUE, .placeholder = "WORD", .group = GROUP,
      .help = "a word for the record; may be repeated",
      .manual = "Give the job a tag in the record. May be repeated." },
    { .id = OPT_PRIORITY, .letters = "p", .names = "priority",
      .value = OPTION_VALUE, .placeholder = "N", .group = GROUP,
      .help = "higher ones start first (0)",
      .manual = "Start the job before those of a lower priority." },
    { .id = OPT_CWD, .letters = "C", .names = "cwd",
      .value = OPTION_VALUE, .placeholder = "DIR", .group = GROUP,
      .completion = COMPLETE_DIRECTORY,
      .help = "run it in DIR, not in this directory",
      .manual =
        "Run the job in DIR. The default is the directory of `brood submit`." },
    { .id = OPT_SH, .letters = "s", .names = "sh", .group = GROUP,
      .help = "the words are a line for the shell",
      .manual =
        "Give the words, with blanks between them, to the shell. Otherwise "
        "they are a program and its arguments." },
    { .id = OPT_CHANNEL, .letters = "c", .names = "channel", .group = GROUP,
      .help = "the job can use send and submit, too",
      .manual =
        "Give the job a channel of its own, for `brood send` and "
        "`brood submit`." },
    OPTION_ROWS_LAST(OPTION_HELP, OPTION_VERSION, GROUP),
};
/* clang-format on */

const struct option_table submit_option_table = {
    .command = "brood submit",
    .rows = rows,
    .n_rows = sizeof(rows) / sizeof(rows[0]),
    .usage = "usage: brood submit [OPTION...] COMMAND [ARG...]\n"
             "       brood submit < JOBS\n"
             "Add a job, or lines as of a job file, to the batch that runs "
             "this script\n"
             "(its job has \"channel\": true).\n",
    .examples = "Examples:\n"
                "  brood submit --id part-7 ./work 7\n"
                "  find . -name '*.tar' -printf 'tar xf %p\\n' | brood submit\n"
                "Status: 0 taken, 1 the batch is gone, 2 refused, 255 for our "
                "errors.\n",
};

struct asked {
    const char *id;
    const char *cwd;
    const char *priority;
    /** With commas between them, as JSON. */
    struct text after;
    struct text tags;
    bool sh;
    bool channel;
    /** Something of the above was given. */
    bool has_any;
    int first; /* of the words */
};

static int not_utf8(const char *what)
{
    (void)fprintf(stderr,
                  "brood submit: expected UTF-8, as job files are, not '%s'\n",
                  what);
    return -EINVAL;
}

static int add_word(struct text *list, const char *word)
{
    if (!utf8_is_valid(word, strlen(word))) {
        return not_utf8(word);
    }
    text_add_string(list, list->size > 0 ? "," : "");
    json_add_string(list, word, strlen(word));
    return 0;
}

static int read_priority(const struct option_found *found, const char **ret)
{
    int64_t number;
    int r = option_number(found, INT32_MIN, "a number", &number);

    *ret = found->value;
    return r;
}

static int read_option(void *user, const struct option_found *found)
{
    struct asked *ret = user;

    ret->has_any = true;
    switch (found->row->id) {
    case OPT_ID:
        ret->id = found->value;
        break;
    case OPT_AFTER:
        return add_word(&ret->after, found->value);
    case OPT_TAG:
        return add_word(&ret->tags, found->value);
    case OPT_PRIORITY:
        return read_priority(found, &ret->priority);
    case OPT_CWD:
        ret->cwd = found->value;
        break;
    case OPT_SH:
        ret->sh = true;
        break;
    case OPT_CHANNEL:
        ret->channel = true;
        break;
    default:
        break;
    }
    return 0;
}

static int read_options(int argc, char **argv, struct asked *ret)
{
    int r = option_read_all(&submit_option_table, argc, argv, read_option, ret,
                            &ret->first);

    if (r == 0 && ret->first == argc && ret->has_any) {
        (void)fprintf(stderr, "brood submit: expected a command behind the "
                              "options\n");
        r = -EINVAL;
    }
    return r;
}

/* ,"name":"value" */
static int add_member(struct text *line, const char *name, const char *value)
{
    if (!utf8_is_valid(value, strlen(value))) {
        return not_utf8(value);
    }
    text_add_char(line, ',');
    json_add_text(line, name, value, strlen(value));
    return 0;
}

static int add_command(struct text *line, bool sh, char **words, int n)
{
    struct text list = { 0 };
    int r = 0;

    for (int i = 0; i < n && r == 0; i++) {
        if (sh) {
            text_add_string(&list, i > 0 ? " " : "");
            text_add_string(&list, words[i]);
        } else {
            r = add_word(&list, words[i]);
        }
    }
    if (r == 0 && sh) {
        r = utf8_is_valid(list.data, list.size) ? 0
                                                : not_utf8(text_string(&list));
        text_add_string(line, "{\"sh\":");
        json_add_string(line, list.data, list.size);
    } else if (r == 0) {
        text_add_format(line, "{\"argv\":[%s]", text_string(&list));
    }
    text_clear(&list);
    return r;
}

/* The line of a job file that the words and options are. */
static int add_job(struct text *line,
                   const struct asked *asked,
                   char **words,
                   int n)
{
    char *here = asked->cwd == NULL ? getcwd(NULL, 0) : NULL;
    const char *cwd = asked->cwd == NULL ? here : asked->cwd;
    int r = add_command(line, asked->sh, words, n);

    if (r == 0 && cwd != NULL) {
        r = add_member(line, "cwd", cwd);
    }
    if (r == 0 && asked->id != NULL) {
        r = add_member(line, "id", asked->id);
    }
    if (asked->after.size > 0) {
        text_add_format(line, ",\"after\":[%s]", asked->after.data);
    }
    if (asked->tags.size > 0) {
        text_add_format(line, ",\"tags\":[%s]", asked->tags.data);
    }
    if (asked->priority != NULL) {
        text_add_format(line, ",\"priority\":%s", asked->priority);
    }
    text_add_string(line, asked->channel ? ",\"channel\":true}" : "}");
    free(here);
    return r;
}

static int add_input(struct text *lines)
{
    size_t n;

    do {
        n = fread(text_reserve(lines, PIECE), 1, PIECE, stdin);
        lines->size += n;
    } while (n > 0);
    if (ferror(stdin)) {
        (void)fprintf(stderr, "brood submit: cannot read standard input: %s\n",
                      brood_strerror(-errno));
        return -EIO;
    }
    return 0;
}

/* Returns: an exit status. */
static int ask(const struct text *request)
{
    struct text answer = { 0 };
    int status = 0;
    int fd = -1;
    int r = talk_connect(&fd);

    if (r == 0) {
        r = talk_ask(fd, TALK_CALL, request, -1, &answer);
        (void)close(fd);
    }
    if (r == -ENOSYS) {
        (void)fprintf(stderr, "brood submit: the program that runs this script "
                              "takes no jobs\n");
        status = TALK_STATUS_OURS;
    } else if (r < 0 && answer.size > 0) {
        (void)fprintf(stderr, "brood submit: refused: %s\n",
                      text_string(&answer));
        status = TALK_STATUS_REFUSED;
    } else if (r < 0) {
        status = talk_fail("submit", r);
    }
    text_clear(&answer);
    return status;
}

int submit_main(int argc, char **argv)
{
    struct asked asked = { 0 };
    struct text request = { 0 };
    int status = TALK_STATUS_OURS;
    int r = read_options(argc, argv, &asked);

    if (r == 0) {
        text_add_string(&request, "submit\n");
        r = asked.first < argc ? add_job(&request, &asked, argv + asked.first,
                                         argc - asked.first)
                               : add_input(&request);
    }
    if (r >= 0) {
        status = r > 0 ? 0 : ask(&request);
    }
    text_clear(&request);
    text_clear(&asked.after);
    text_clear(&asked.tags);
    return status;
}
