/* send - `brood send`: messages from a script to its parent. */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <brood.h>

#include "talk/talk.h"

enum send_option {
    OPT_LINES = 1,
    OPT_NULL,
};

enum {
    PIECE = 1 << 16,
};

/* clang-format off */
static const struct option_row rows[] = {
    { .id = OPT_LINES, .letters = "l", .names = "lines", .group = "Options",
      .help = "each line of standard input is a message",
      .manual =
        "Send each line of standard input as a message of its own, as it "
        "comes, without its newline." },
    { .id = OPT_NULL, .letters = "0", .names = "null", .group = "Options",
      .help = "the same with what ends with NUL",
      .manual =
        "The same with what ends with a NUL byte, as `find -print0` writes "
        "it." },
    OPTION_ROWS_LAST(OPTION_HELP, OPTION_VERSION, "Options"),
};
/* clang-format on */

const struct option_table send_option_table = {
    .command = "brood send",
    .rows = rows,
    .n_rows = sizeof(rows) / sizeof(rows[0]),
    .usage = "usage: brood send [OPTION...] [WORD...]\n"
             "Send a message to the program that started this script with "
             "brood_fork():\n"
             "the WORDs with blanks between them, or what standard input "
             "has.\n",
    .examples = "Examples:\n"
                "  brood send progress 0.5\n"
                "  make 2>&1 | brood send --lines\n"
                "  brood send < picture.png\n"
                "Status: 0 sent, 1 the parent has disconnected, 255 for our "
                "errors.\n",
};

struct asked {
    /** Ends a message on standard input; -1: its end does. */
    int delimiter;
    int first; /* of the words */
};

static int read_option(void *user, const struct option_found *found)
{
    struct asked *ret = user;

    switch (found->row->id) {
    case OPT_LINES:
        ret->delimiter = '\n';
        break;
    case OPT_NULL:
        ret->delimiter = '\0';
        break;
    default:
        break;
    }
    return 0;
}

static int read_options(int argc, char **argv, struct asked *ret)
{
    int r;

    *ret = (struct asked){ .delimiter = -1 };
    r = option_read_all(&send_option_table, argc, argv, read_option, ret,
                        &ret->first);
    if (r == 0 && ret->delimiter >= 0 && ret->first < argc) {
        (void)fprintf(stderr, "brood send: words, or '--lines' or '--null' "
                              "for standard input: not both\n");
        r = -EINVAL;
    }
    return r;
}

static int send_words(int fd, char **words, int n)
{
    struct text message = { 0 };
    int r;

    for (int i = 0; i < n; i++) {
        text_add_string(&message, i > 0 ? " " : "");
        text_add_string(&message, words[i]);
    }
    r = talk_ask(fd, TALK_SEND, &message, -1, NULL);
    text_clear(&message);
    return r;
}

static int cannot_read(void)
{
    (void)fprintf(stderr, "brood send: cannot read standard input: %s\n",
                  brood_strerror(errno));
    return TALK_STATUS_OURS;
}

/* Returns: an exit status. */
static int send_input(int fd)
{
    struct text message = { 0 };
    size_t n;
    int r;

    do {
        n = fread(text_reserve(&message, PIECE), 1, PIECE, stdin);
        message.size += n;
    } while (n > 0);
    if (ferror(stdin)) {
        text_clear(&message);
        return cannot_read();
    }
    r = talk_ask(fd, TALK_SEND, &message, -1, NULL);
    text_clear(&message);
    return r < 0 ? talk_fail("send", r) : 0;
}

/* Returns: an exit status. */
static int send_each(int fd, int delimiter)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int r = 0;

    while (r == 0 && (n = getdelim(&line, &room, delimiter, stdin)) > 0) {
        struct text message = { .data = line, .size = (size_t)n };

        if (line[n - 1] == delimiter) {
            message.size--;
        }
        r = talk_ask(fd, TALK_SEND, &message, -1, NULL);
    }
    free(line);
    if (r < 0) {
        return talk_fail("send", r);
    }
    return ferror(stdin) ? cannot_read() : 0;
}

int send_main(int argc, char **argv)
{
    struct asked asked;
    int fd = -1;
    int r = read_options(argc, argv, &asked);

    if (r != 0) {
        return r < 0 ? TALK_STATUS_OURS : 0;
    }
    r = talk_connect(&fd);
    if (r < 0) {
        return talk_fail("send", r);
    }
    if (asked.first < argc) {
        r = send_words(fd, argv + asked.first, argc - asked.first);
        r = r < 0 ? talk_fail("send", r) : 0;
    } else {
        r = asked.delimiter < 0 ? send_input(fd)
                                : send_each(fd, asked.delimiter);
    }
    (void)close(fd);
    return r;
}
