#ifndef BROOD_TESTS_CHILDREN_CHILD_H
#define BROOD_TESTS_CHILDREN_CHILD_H

/* child - what the tiny programs have in common. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* An argument as a number; @missing if there are fewer. */
static inline long child_number(char **argv, int index, long missing)
{
    for (int i = 0; i <= index; i++) {
        if (argv[i] == NULL) {
            return missing;
        }
    }
    return strtol(argv[index], NULL, 10);
}

static inline void child_write(int fd, const void *data, size_t size)
{
    const char *p = data;

    while (size > 0) {
        ssize_t n = write(fd, p, size);

        if (n < 0 && errno != EINTR) {
            _exit(98);
        }
        if (n > 0) {
            p += n;
            size -= (size_t)n;
        }
    }
}

static inline void child_say(const char *text)
{
    child_write(STDOUT_FILENO, text, strlen(text));
}

static inline void child_sleep_ms(long ms)
{
    struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

    while (nanosleep(&left, &left) < 0 && errno == EINTR) {
    }
}

/* The end of those who would stay for ever, should a test go wrong. */
enum {
    CHILD_LIFE_S = 120,
};

#endif /* BROOD_TESTS_CHILDREN_CHILD_H */
