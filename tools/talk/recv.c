/* recv - `brood recv`: messages from a script's parent. */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <brood.h>

#include "run/duration.h"
#include "talk/talk.h"

enum recv_option {
    OPT_COUNT = 1,
    OPT_ALL,
    OPT_TIMEOUT,
    OPT_NO_NEWLINE,
    OPT_NULL,
};

/* clang-format off */
static const struct option_row rows[] = {
    { .id = OPT_COUNT, .letters = "c", .names = "count",
      .value = OPTION_VALUE, .placeholder = "N", .group = "Options",
      .help = "wait for N messages, not for one",
      .manual = "Wait for N messages and write each as it comes." },
    { .id = OPT_ALL, .letters = "a", .names = "all", .group = "Options",
      .help = "all messages, until the parent disconnects",
      .manual =
        "Write all messages as they come, until the parent disconnects; the "
        "exit status is 0 then." },
    { .id = OPT_TIMEOUT, .letters = "t", .names = "timeout",
      .value = OPTION_VALUE, .placeholder = "TIME", .group = "Options",
      .help = "give up when none has come for so long",
      .manual =
        "Give up when no message has come for so long, with exit status 124: "
        "seconds, with a fraction or not, or as `1m30s`. 0 only looks whether "
        "one is there." },
    { .id = OPT_NO_NEWLINE, .letters = "n", .names = "no-newline",
      .group = "Options",
      .help = "write the bytes of the message and nothing else",
      .manual = "Write the bytes of the message with nothing behind them." },
    { .id = OPT_NULL, .letters = "0", .names = "null", .group = "Options",
      .help = "end messages with NUL, not with newline",
      .manual = "Write a NUL byte behind each message, not a newline." },
    OPTION_ROWS_LAST(OPTION_HELP, OPTION_VERSION, "Options"),
};
/* clang-format on */

const struct option_table recv_option_table = {
    .command = "brood recv",
    .rows = rows,
    .n_rows = sizeof(rows) / sizeof(rows[0]),
    .usage = "usage: brood recv [OPTION...]\n"
             "Wait for a message of the program that started this script "
             "with\n"
             "brood_fork(), and write it to standard output.\n",
    .examples = "Examples:\n"
                "  while name=$(brood recv); do convert \"$name\"; done\n"
                "  brood recv --timeout 10 --no-newline > picture.png\n"
                "Status: 0, 1 the parent has disconnected, 124 none in time, "
                "255 for our errors.\n",
};

struct asked {
    int64_t count;
    bool all;
    int64_t timeout_ms;
    /** Behind each message; -1: nothing. */
    int ending;
};

static int read_option(void *user, const struct option_found *found)
{
    struct asked *ret = user;

    switch (found->row->id) {
    case OPT_COUNT:
        return option_number(found, 1, "a number from 1", &ret->count);
    case OPT_ALL:
        ret->all = true;
        break;
    case OPT_TIMEOUT:
        return duration_parse(found->value, &ret->timeout_ms) < 0
                   ? option_expected(found, "a time such as 0.5 or 1m30s")
                   : 0;
    case OPT_NO_NEWLINE:
        ret->ending = -1;
        break;
    case OPT_NULL:
        ret->ending = '\0';
        break;
    default:
        break;
    }
    return 0;
}

static int read_options(int argc, char **argv, struct asked *ret)
{
    int next;
    int r;

    *ret = (struct asked){ .count = 1, .timeout_ms = -1, .ending = '\n' };
    r = option_read_all(&recv_option_table, argc, argv, read_option, ret,
                        &next);
    if (r == 0 && next < argc) {
        (void)fprintf(stderr, "brood recv: expected no word, not '%s'\n",
                      argv[next]);
        r = -EINVAL;
    }
    return r;
}

static int show(const struct text *message, int ending)
{
    errno = 0;
    (void)fwrite(text_string(message), 1, message->size, stdout);
    if (ending >= 0) {
        (void)putchar(ending);
    }
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return 0;
    }
    (void)fprintf(stderr, "brood recv: cannot write a message: %s\n",
                  brood_strerror(errno));
    return TALK_STATUS_OURS;
}

/* Returns: an exit status. */
static int receive(int fd, const struct asked *asked)
{
    struct text message = { 0 };
    int status = 0;

    for (int64_t i = 0; status == 0 && (asked->all || i < asked->count); i++) {
        int r = talk_ask(fd, TALK_RECV, NULL, asked->timeout_ms, &message);

        if (r == -EPIPE) {
            status = asked->all ? 0 : TALK_STATUS_OVER;
            break;
        }
        status = r < 0 ? talk_fail("recv", r) : show(&message, asked->ending);
    }
    text_clear(&message);
    return status;
}

int recv_main(int argc, char **argv)
{
    struct asked asked;
    int fd = -1;
    int r = read_options(argc, argv, &asked);

    if (r != 0) {
        return r < 0 ? TALK_STATUS_OURS : 0;
    }
    r = talk_connect(&fd);
    if (r < 0) {
        return talk_fail("recv", r);
    }
    r = receive(fd, &asked);
    (void)close(fd);
    return r;
}
