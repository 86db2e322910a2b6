/*
 * messages - what messages with a forked child cost, and children.
 *
 * usage: messages in SIZE N     N messages from the child: messages/s
 *        messages trip SIZE N   N times there and back: microseconds each
 *        messages exec N        N times /bin/true, 2 at a time: commands/s
 *        messages open N        N children at once: KiB each of this process,
 *                               milliseconds until all have joined
 *        messages raw-in SIZE N, raw-trip SIZE N
 *                               the same over a socketpair, SOCK_SEQPACKET
 *
 * Each prints what it measured. "say" and "echo" are its own children.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <brood.h>
#include <brood_child.h>

enum {
    LIFE_S = 600,
    AT_ONCE = 2,
    SIZE_MAX_BYTES = 1 << 20,
};

struct run {
    struct brood *pool;
    long n;
    size_t size;
    long n_done;
    long n_started;
    char *bytes;
    bool is_trip;
};

static void check(bool good, const char *what)
{
    if (!good) {
        (void)fprintf(stderr, "messages: %s failed: %s\n", what,
                      strerror(errno));
        exit(EXIT_FAILURE);
    }
}

static double now_us(void)
{
    struct timespec t;

    check(clock_gettime(CLOCK_MONOTONIC, &t) == 0, "clock_gettime");
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void poll_once(struct run *run)
{
    int r = brood_poll(run->pool, -1);

    check(r >= 0 || r == -EINTR, "brood_poll");
}

static void on_message(struct brood_child *child,
                       const void *data,
                       size_t size,
                       void *user)
{
    struct run *run = user;

    (void)data;
    check(size == run->size, "size");
    run->n_done++;
    if (run->is_trip && run->n_done < run->n) {
        check(brood_send(child, run->bytes, size) >= 0, "brood_send");
    }
}

static void on_open(struct brood_child *child, void *user)
{
    (void)child;
    ((struct run *)user)->n_started++;
}

static struct brood_child *fork_self(struct run *run, const char *mode)
{
    char size[32];
    char n[32];
    const char *const argv[] = { "/proc/self/exe", mode, size, n, NULL };
    struct brood_fork_options options = {
        .child = { .job.argv = argv, .user = run },
        .on_open = on_open,
        .on_message = on_message,
    };
    struct brood_child *child = NULL;
    int r;

    (void)snprintf(size, sizeof(size), "%zu", run->size);
    (void)snprintf(n, sizeof(n), "%ld", run->n);
    r = brood_fork(run->pool, &options, &child);
    errno = -r;
    check(r >= 0, "brood_fork");
    return child;
}

/* From the word to the last message. */
static double exchange(struct run *run, const char *mode)
{
    struct brood_child *child = fork_self(run, mode);
    double begin;

    while (run->n_started == 0) {
        poll_once(run);
    }
    begin = now_us();
    check(brood_send(child, run->bytes, run->size) >= 0, "brood_send");
    while (run->n_done < run->n) {
        poll_once(run);
    }
    begin = now_us() - begin;
    (void)brood_disconnect(child);
    (void)brood_child_wait(child, -1);
    (void)brood_child_free(child);
    return begin;
}

static void on_done(const struct brood_completion *done, void *user)
{
    check(done->error == 0, "/bin/true");
    ((struct run *)user)->n_done++;
}

static double exec_all(struct run *run)
{
    struct brood_exec_options options = { .on_done = on_done, .user = run };
    double begin = now_us();

    while (run->n_done < run->n) {
        while (run->n_started < run->n &&
               run->n_started - run->n_done < AT_ONCE) {
            check(brood_exec_file(run->pool, "/bin/true", NULL, &options,
                                  NULL) >= 0,
                  "brood_exec_file");
            run->n_started++;
        }
        poll_once(run);
    }
    return now_us() - begin;
}

static double resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long pages = 0;

    /* NOLINTNEXTLINE(cert-err34-c): the kernel's number */
    check(file != NULL && fscanf(file, "%*d %ld", &pages) == 1, "statm");
    (void)fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static void open_all(struct run *run)
{
    double kib = resident_kib();
    double begin = now_us();

    for (long i = 0; i < run->n; i++) {
        (void)fork_self(run, "echo");
    }
    while (run->n_started < run->n) {
        poll_once(run);
    }
    (void)printf("%.2f %.0f\n", (resident_kib() - kib) / (double)run->n,
                 (now_us() - begin) / 1e3);
}

static void raw_child(const struct run *run, int fd)
{
    check(recv(fd, run->bytes, SIZE_MAX_BYTES, 0) > 0, "recv");
    for (long i = 0; i < run->n; i++) {
        check(send(fd, run->bytes, run->size, 0) == (ssize_t)run->size, "send");
        if (run->is_trip && i + 1 < run->n) {
            check(recv(fd, run->bytes, SIZE_MAX_BYTES, 0) > 0, "recv");
        }
    }
    _exit(EXIT_SUCCESS);
}

static double raw_exchange(struct run *run)
{
    double begin;
    int ends[2];
    pid_t pid;

    check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0,
          "socketpair");
    pid = fork();
    check(pid >= 0, "fork");
    if (pid == 0) {
        raw_child(run, ends[1]);
    }
    begin = now_us();
    check(send(ends[0], run->bytes, run->size, 0) > 0, "send");
    while (run->n_done < run->n) {
        check(recv(ends[0], run->bytes, SIZE_MAX_BYTES, 0) ==
                  (ssize_t)run->size,
              "recv");
        run->n_done++;
        if (run->is_trip && run->n_done < run->n) {
            check(send(ends[0], run->bytes, run->size, 0) > 0, "send");
        }
    }
    begin = now_us() - begin;
    check(waitpid(pid, NULL, 0) == pid, "waitpid");
    return begin;
}

static bool was_told;

static void on_word(struct brood_parent *parent,
                    const void *data,
                    size_t size,
                    void *user)
{
    was_told = true;
    if (user != NULL) {
        check(brood_parent_send(parent, data, size) >= 0, "send");
    }
}

static void be_child(struct run *run, bool echoes)
{
    struct brood_parent_options options = { .on_message = on_word,
                                            .user = echoes ? run : NULL };
    struct brood_parent *parent = NULL;

    check(brood_parent_open(&options, &parent) >= 0, "brood_parent_open");
    while (!was_told && brood_parent_poll(parent, -1) >= 0) {
    }
    for (long i = 0; i < run->n && !echoes; i++) {
        while (brood_parent_send(parent, run->bytes, run->size) == -EAGAIN) {
            (void)brood_parent_poll(parent, -1);
        }
    }
    while (brood_parent_poll(parent, -1) >= 0) {
    }
    (void)brood_parent_close(parent);
    _exit(EXIT_SUCCESS);
}

static void print_exchange(const struct run *run, double us)
{
    (void)printf("%.3f\n", run->is_trip ? us / (double)run->n
                                        : (double)run->n * 1e6 / us);
}

static void measure(struct run *run, const char *mode)
{
    check(brood_open(&(struct brood_options){ .slots = AT_ONCE }, &run->pool) >=
              0,
          "brood_open");
    if (strcmp(mode, "exec") == 0) {
        (void)printf("%.3f\n", (double)run->n * 1e6 / exec_all(run));
    } else if (strcmp(mode, "open") == 0) {
        open_all(run);
    } else {
        print_exchange(run, exchange(run, run->is_trip ? "echo" : "say"));
    }
    run->pool = brood_close(run->pool);
}

int main(int argc, char **argv)
{
    struct run run = { 0 };
    const char *mode = argc > 1 ? argv[1] : "";

    (void)alarm(LIFE_S);
    if (argc < 3) {
        (void)fputs("usage: messages in|trip|raw-in|raw-trip SIZE N\n"
                    "       messages exec|open N\n",
                    stderr);
        return EXIT_FAILURE;
    }
    run.n = strtol(argv[argc - 1], NULL, 10);
    run.size = argc > 3 ? strtoul(argv[2], NULL, 10) : 0;
    run.is_trip = strstr(mode, "trip") != NULL;
    run.bytes = calloc(1, SIZE_MAX_BYTES);
    check(run.bytes != NULL && run.size <= SIZE_MAX_BYTES, "calloc");
    if (strcmp(mode, "say") == 0 || strcmp(mode, "echo") == 0) {
        be_child(&run, strcmp(mode, "echo") == 0);
    }
    if (strncmp(mode, "raw-", 4) == 0) {
        print_exchange(&run, raw_exchange(&run));
    } else {
        measure(&run, mode);
    }
    free(run.bytes);
    return EXIT_SUCCESS;
}
