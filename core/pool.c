#include "pool.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/mem.h"
#include "child.h"
#include "entry.h"
#include "fork.h"
#include "nofile.h"
#include "proto/channel.h"
#include "warm.h"
#include "wiring.h"

enum {
    SLOTS_MAX = 1000000,
    OUTPUT_MEMORY_DEFAULT = 64 * 1024,
    EVENTS_MAX = 16,
    NAME_SIZE = 32,
    CPUS_MAX = 4096,
    CHILD_TAG = 1,
    MONITOR_TAG = 2,
};

static unsigned count_processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    cpu_set_t *set = CPU_ALLOC(CPUS_MAX);
    size_t size = CPU_ALLOC_SIZE(CPUS_MAX);

    if (set != NULL && sched_getaffinity(0, size, set) == 0) {
        n = CPU_COUNT_S(size, set);
    }
    CPU_FREE(set);
    return n < 1 ? 1 : (unsigned)n;
}

void pool_wake_at(struct brood *pool, int64_t due_ns)
{
    struct itimerspec when = { 0 };

    if (pool->wake_due_ns != 0 && pool->wake_due_ns <= due_ns) {
        return; /* It will be awake by then. */
    }
    /* Zero would disarm the timer: the first nanosecond is long past. */
    due_ns = due_ns < 1 ? 1 : due_ns;
    if (pool->wake_due_ns == due_ns) {
        return;
    }
    when.it_value.tv_sec = due_ns / CLOCK_NS_PER_S;
    when.it_value.tv_nsec = due_ns % CLOCK_NS_PER_S;
    (void)timerfd_settime(pool->wake, TFD_TIMER_ABSTIME, &when, NULL);
    pool->wake_due_ns = due_ns;
}

static void take_wake(struct brood *pool)
{
    uint64_t expirations;

    (void)!read(pool->wake, &expirations, sizeof(expirations));
    pool->wake_due_ns = 0;
    pool->changed = true;
}

/* Watch a descriptor; @peer NULL is the timer. */
static int add_to_epoll(int epoll, int fd, struct peer *peer)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = peer };

    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int open_wait(struct brood *pool)
{
    pool->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (pool->epoll < 0) {
        return -errno;
    }
    pool->wake = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (pool->wake < 0) {
        return -errno;
    }
    return add_to_epoll(pool->epoll, pool->wake, NULL);
}

static int open_peer(struct brood *pool,
                     struct peer *peer,
                     const struct wiring_spec *common)
{
    struct wiring_spec spec = *common;
    char name[NAME_SIZE];
    int r;

    (void)snprintf(name, sizeof(name), "worker-%u", spec.first_slot);
    spec.name = name;
    r = channel_bind(pool->context, name, &peer->channel);
    if (r < 0) {
        return r;
    }
    r = add_to_epoll(pool->epoll, channel_fd(peer->channel), peer);
    if (r == 0) {
        r = wiring_start(&spec, &peer->party);
    }
    if (r < 0) {
        peer->channel = channel_close(peer->channel);
        return r;
    }
    peer->slots = spec.slots;
    list_init(&peer->entries);
    pool->n_peers++;
    return 0;
}

static int open_peers(struct brood *pool,
                      const struct brood_options *options,
                      const struct nofile *nofile)
{
    unsigned threads = options->threads;
    struct wiring_spec spec = {
        .context = pool->context,
        .first_slot = 1,
        .output_memory_bytes = options->output_memory_bytes,
        .tmp_dir = pool->tmp_dir,
        .restore_nofile = nofile->raised,
        .nofile = nofile->before,
    };
    int r = 0;

    if (spec.output_memory_bytes == 0) {
        spec.output_memory_bytes = OUTPUT_MEMORY_DEFAULT;
    }
    pool->peers = brood_calloc(threads, sizeof(*pool->peers));
    if (pool->peers == NULL) {
        return -ENOMEM;
    }
    for (unsigned i = 0; i < threads && r == 0; i++) {
        spec.slots = pool->slots / threads + (i < pool->slots % threads);
        r = open_peer(pool, &pool->peers[i], &spec);
        spec.first_slot += spec.slots;
    }
    return r;
}

static const char *choose_tmp_dir(const char *asked)
{
    const char *dir = asked == NULL ? getenv("TMPDIR") : asked;

    return dir == NULL || *dir == '\0' ? "/tmp" : dir;
}

static int open_parts(struct brood *pool, struct brood_options *options)
{
    struct nofile nofile;
    int r;

    if (options->slots > SLOTS_MAX) {
        return -EINVAL;
    }
    if (options->slots == 0 || options->threads == 0) {
        unsigned cpus = count_processors();

        options->slots = options->slots == 0 ? cpus : options->slots;
        options->threads = options->threads == 0 ? cpus : options->threads;
    }
    if (options->threads > options->slots) {
        options->threads = options->slots;
    }
    r = nofile_make_room(&options->slots, &options->threads, &nofile);
    if (r < 0) {
        return r;
    }
    pool->slots = options->slots;
    pool->tmp_dir = brood_strdup(choose_tmp_dir(options->tmp_dir));
    if (pool->tmp_dir == NULL) {
        return -ENOMEM;
    }
    r = open_wait(pool);
    if (r == 0) {
        r = channel_context_new(options->threads, &pool->context);
    }
    return r < 0 ? r : open_peers(pool, options, &nofile);
}

int brood_open(const struct brood_options *options, struct brood **ret_pool)
{
    struct brood_options mine = { 0 };
    struct brood *pool;
    bool kept[3];
    int r;

    if (options != NULL) {
        if (options->size != 0 && options->size < sizeof(*options)) {
            return -EINVAL;
        }
        mine = *options;
    }
    pool = brood_calloc(1, sizeof(*pool));
    if (pool == NULL) {
        return -ENOMEM;
    }
    pool->epoll = -1;
    pool->wake = -1;
    list_init(&pool->batches);
    list_init(&pool->children);
    list_init(&pool->due_children);
    list_init(&pool->warms);
    list_init(&pool->ended);
    nofile_keep_streams(kept);
    r = open_parts(pool, &mine);
    nofile_leave_streams(kept);
    if (r < 0) {
        brood_close(pool);
        return r;
    }
    *ret_pool = pool;
    return 0;
}

static void close_peer(struct peer *peer)
{
    peer->party = wiring_join(peer->party);
    peer->channel = channel_close(peer->channel);
    buf_clear(&peer->jobs);
    buf_clear(&peer->cancels);
}

struct brood *brood_close(struct brood *pool)
{
    struct list *l;

    if (pool == NULL) {
        return NULL;
    }
    children_close(pool);
    while ((l = list_first(&pool->batches)) != NULL) {
        brood_batch_free(LIST_ENTRY(l, struct brood_batch, link));
    }
    /* All at once, then one after the other: they end side by side. */
    for (unsigned i = 0; i < pool->n_peers; i++) {
        while (peer_send_shutdown(&pool->peers[i]) == -ENOMEM) {
            brood_mem_wait();
        }
    }
    for (unsigned i = 0; i < pool->n_peers; i++) {
        close_peer(&pool->peers[i]);
    }
    children_deliver(pool);
    lines_close(&pool->lines);
    pool->context = channel_context_free(pool->context);
    table_clear(&pool->table);
    if (pool->wake >= 0) {
        (void)close(pool->wake);
    }
    if (pool->epoll >= 0) {
        (void)close(pool->epoll);
    }
    free(pool->peers);
    free(pool->tmp_dir);
    free(pool);
    return NULL;
}

unsigned brood_slots(const struct brood *pool)
{
    return pool->slots;
}

int brood_fd(const struct brood *pool)
{
    return pool->epoll;
}

/* Time has passed, or a crew asked for it. */
static void see_to_warms(struct brood *pool)
{
    if (pool->warms_due) {
        pool->warms_due = false;
        warms_wake(pool);
    }
}

/* Take in, deliver, hand out; then take in again what a send may have hidden:
 * a channel's descriptor tells of each arrival only once. */
static int work(struct brood *pool)
{
    int r;
    int before;

    do {
        before = pool->n_called;
        r = collect(pool);
        deliver_ended(pool);
        children_deliver(pool);
        see_to_warms(pool);
        if (r == 0) {
            r = schedule(pool);
        }
    } while (r == 0 && pool->changed && before != pool->n_called);
    if (r == 0) {
        r = collect(pool);
        deliver_ended(pool);
        children_deliver(pool);
    }
    if (pool->changed || !list_is_empty(&pool->due_children)) {
        pool_wake_at(pool, 0);
    }
    return r;
}

static bool has_work(const struct brood *pool)
{
    for (unsigned i = 0; i < pool->n_peers; i++) {
        if (pool->peers[i].due) {
            return true;
        }
    }
    return pool->changed || !list_is_empty(&pool->ended) ||
           !list_is_empty(&pool->due_children);
}

/* What a pointer is of is in bits that pointers do not use. */
static void note_child(uint64_t tagged)
{
    struct brood_child *child =
        (void *)(uintptr_t)(tagged & ~(uint64_t)(CHILD_TAG | MONITOR_TAG));

    if ((tagged & MONITOR_TAG) != 0) {
        fork_note_peer(child);
    }
    child_deliver_later(child);
}

int pool_watch_child(struct brood *pool,
                     int fd,
                     struct brood_child *child,
                     bool is_monitor)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLET };

    event.data.u64 =
        (uint64_t)(uintptr_t)child | CHILD_TAG | (is_monitor ? MONITOR_TAG : 0);
    return epoll_ctl(pool->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

void pool_unwatch(struct brood *pool, int fd)
{
    if (fd >= 0) {
        (void)epoll_ctl(pool->epoll, EPOLL_CTL_DEL, fd, NULL);
    }
}

/* See who has something to say; wait for it if there is time. */
static int look(struct brood *pool, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int n = spin_wait(&pool->spin, pool->epoll, events, EVENTS_MAX, timeout_ms);

    for (int i = 0; i < n; i++) {
        struct peer *peer = events[i].data.ptr;

        if ((events[i].data.u64 & CHILD_TAG) != 0) {
            note_child(events[i].data.u64);
            spin_note(&pool->spin);
        } else if (peer == NULL) {
            take_wake(pool);
            children_wake(pool);
            pool->warms_due = true;
        } else {
            peer->due = true;
        }
    }
    return n < 0 ? n : 0;
}

int pool_round(struct brood *pool, int timeout_ms)
{
    int r;

    if (pool->in_callback) {
        return -EDEADLK;
    }
    pool->in_callback = true;
    pool->n_called = 0;
    r = look(pool, has_work(pool) ? 0 : timeout_ms);
    if (r == 0) {
        r = work(pool);
    }
    pool->in_callback = false;
    return r < 0 ? r : pool->n_called;
}

int brood_poll(struct brood *pool, int timeout_ms)
{
    return pool_round(pool, timeout_ms);
}

int brood_signal(struct brood *pool, int sig)
{
    int r = 0;

    if (sig < 1 || sig > SIGRTMAX) {
        return -EINVAL;
    }
    for (unsigned i = 0; i < pool->n_peers; i++) {
        int sent = peer_send_signal(&pool->peers[i], sig);

        r = r < 0 ? r : sent;
    }
    pool_wake_at(pool, 0);
    return r;
}
