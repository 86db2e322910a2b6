/*
 * feed - write the lines 1 ... N to a pipe, and say how fast they were taken.
 *
 * usage: feed N FILE | COMMAND
 *
 * The pipe is made small, so that a line is written about when the command is
 * ready to run it. Writes to FILE the lines a second in the first tenth (after
 * a fiftieth to warm up) and in the last tenth.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    PIPE_SIZE = 4096,
    LINE_SIZE = 32,
    WARM_UP = 50,
    PART = 10,
};

static void die(const char *what)
{
    (void)fprintf(stderr, "feed: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static double now_s(void)
{
    struct timespec t;

    if (clock_gettime(CLOCK_MONOTONIC, &t) != 0) {
        die("clock_gettime");
    }
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void write_all(const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(STDOUT_FILENO, data, size);

        if (n < 0 && errno != EINTR) {
            die("write");
        }
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
}

/* Write the lines from ... to. Returns: the lines a second. */
static double feed(long from, long to)
{
    double start = now_s();

    for (long i = from; i <= to; i++) {
        char line[LINE_SIZE];
        int n = snprintf(line, sizeof(line), "%ld\n", i);

        write_all(line, (size_t)n);
    }
    return (double)(to - from + 1) / (now_s() - start);
}

int main(int argc, char **argv)
{
    double first;
    double last;
    FILE *file;
    long n = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    long warm = n / WARM_UP;
    long part = n / PART;

    if (part < 1) {
        (void)fputs("usage: feed N FILE (N at least 10)\n", stderr);
        return EXIT_FAILURE;
    }
    (void)fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PIPE_SIZE);
    (void)feed(1, warm);
    first = feed(warm + 1, warm + part);
    (void)feed(warm + part + 1, n - part);
    last = feed(n - part + 1, n);
    file = fopen(argv[2], "we");
    if (file == NULL || fprintf(file, "%.0f %.0f\n", first, last) < 0 ||
        fclose(file) != 0) {
        die(argv[2]);
    }
    return EXIT_SUCCESS;
}
