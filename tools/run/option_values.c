#include "run/option_values.h"

#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "run/duration.h"

enum {
    SLOTS_MAX = 1000000,
    /* As many as possible: more than this, nobody has processes for. */
    SLOTS_UNLIMITED = 32768,
    PERCENT_MAX = 100000,
    NUMBER_FILE_MAX = 64,
};

int option_value_number(const char *text, long min, long max, long *ret)
{
    char *end;
    long number;

    if (!isdigit((unsigned char)text[text[0] == '-' || text[0] == '+'])) {
        return -EINVAL;
    }
    errno = 0;
    number = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || number < min || number > max) {
        return -EINVAL;
    }
    *ret = number;
    return 0;
}

/* The processors that this process may use. */
static long count_processors(void)
{
    cpu_set_t set;
    long n;

    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
        n = CPU_COUNT(&set);
    } else {
        n = sysconf(_SC_NPROCESSORS_ONLN);
    }
    return n < 1 ? 1 : n;
}

static int parse_jobs(const char *text, struct run_options *ret)
{
    size_t size = strlen(text);
    char copy[NUMBER_FILE_MAX];
    bool percent = size > 0 && text[size - 1] == '%';
    bool relative = text[0] == '+' || text[0] == '-';
    long number;

    if (size == 0 || size >= sizeof(copy)) {
        return -EINVAL;
    }
    memcpy(copy, text, size + 1);
    copy[size - percent] = '\0';
    if (option_value_number(copy, -SLOTS_MAX, SLOTS_MAX, &number) < 0) {
        return -EINVAL;
    }
    if (percent) {
        number = number > PERCENT_MAX ? PERCENT_MAX : number;
        number = count_processors() * number / 100;
    }
    if (relative) {
        number += count_processors();
    }
    ret->slots_unlimited = number == 0 && !percent && !relative;
    if (ret->slots_unlimited) {
        number = SLOTS_UNLIMITED;
    }
    ret->slots = number < 1 ? 1 : (unsigned)number;
    return 0;
}

int option_value_jobs(const char *text, struct run_options *ret)
{
    char content[NUMBER_FILE_MAX];

    if (parse_jobs(text, ret) == 0) {
        return 0;
    }
    if (file_read_start(text, content, sizeof(content)) <= 0) {
        return -EINVAL;
    }
    content[strcspn(content, " \t\r\n")] = '\0';
    return parse_jobs(content, ret);
}

int option_value_timeout(const char *text, struct run_options *ret)
{
    size_t size = strlen(text);
    char copy[NUMBER_FILE_MAX];
    int64_t ms;
    long percent;

    if (size > 0 && size < sizeof(copy) && text[size - 1] == '%') {
        memcpy(copy, text, size);
        copy[size - 1] = '\0';
        if (option_value_number(copy, 1, PERCENT_MAX, &percent) < 0) {
            return -EINVAL;
        }
        ret->timeout_percent = (unsigned)percent;
        ret->timeout_ms = 0;
        return 0;
    }
    if (duration_parse(text, &ms) < 0) {
        return -EINVAL;
    }
    ret->timeout_ms = ms;
    ret->timeout_percent = 0;
    return 0;
}

int option_value_signal(const char *text, size_t size)
{
    char name[16];
    long number;

    if (size >= sizeof(name)) {
        return -EINVAL;
    }
    memcpy(name, text, size);
    name[size] = '\0';
    if (option_value_number(name, 1, SIGRTMAX, &number) == 0) {
        return (int)number;
    }
    text = strncmp(name, "SIG", 3) == 0 ? name + 3 : name;
    for (int i = 1; i < SIGRTMIN; i++) {
        const char *known = sigabbrev_np(i);

        if (known != NULL && strcmp(known, text) == 0) {
            return i;
        }
    }
    return -EINVAL;
}

int option_value_termseq(const char *text, struct run_options *ret)
{
    struct brood_stop_step steps[BROOD_STOP_STEPS_MAX] = { 0 };
    unsigned n = 0;

    for (;;) {
        size_t size = strcspn(text, ",");
        char wait[16];
        long ms;

        if (n == BROOD_STOP_STEPS_MAX) {
            return -EINVAL;
        }
        steps[n].signal = option_value_signal(text, size);
        if (steps[n].signal < 0) {
            return -EINVAL;
        }
        n++;
        text += size;
        if (*text == '\0') {
            break;
        }
        size = strcspn(++text, ",");
        if (size == 0 || size >= sizeof(wait)) {
            return -EINVAL;
        }
        memcpy(wait, text, size);
        wait[size] = '\0';
        if (option_value_number(wait, 0, 1000L * 1000 * 1000, &ms) < 0) {
            return -EINVAL;
        }
        steps[n - 1].wait_ms = ms;
        text += size;
        if (*text == '\0') {
            break;
        }
        text++;
    }
    memcpy(ret->stop, steps, sizeof(steps));
    ret->n_stop = n;
    return 0;
}
