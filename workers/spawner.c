#include "workers/spawner.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>

#include "base/clock.h"

/* How old the knowledge of dispositions may be. */
#define SAMPLE_NS (20 * CLOCK_NS_PER_MS)

/* Returns: the memory, NULL if there is none. */
static void *map(size_t size_bytes, int flags)
{
    void *memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
                        MAP_ANONYMOUS | flags, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

/* All spawners, so that one can tell what the others are at. */
static pthread_mutex_t spawners_lock = PTHREAD_MUTEX_INITIALIZER;
static struct spawner *spawners;
/* Starts are numbered from 1. */
static _Atomic uint64_t last_number;

static void join(struct spawner *s)
{
    (void)pthread_mutex_lock(&spawners_lock);
    s->next = spawners;
    spawners = s;
    (void)pthread_mutex_unlock(&spawners_lock);
}

static void leave(struct spawner *s)
{
    struct spawner **at = &spawners;

    (void)pthread_mutex_lock(&spawners_lock);
    while (*at != NULL && *at != s) {
        at = &(*at)->next;
    }
    if (*at == s) {
        *at = s->next;
    }
    (void)pthread_mutex_unlock(&spawners_lock);
}

void spawner_begin(struct spawner *s)
{
    atomic_store(&s->number, atomic_fetch_add(&last_number, 1) + 1);
}

void spawner_end(struct spawner *s)
{
    atomic_store(&s->number, 0);
}

uint64_t spawn_last_number(void)
{
    return atomic_load(&last_number);
}

bool spawn_is_in_flight(uint64_t last)
{
    bool found = false;

    (void)pthread_mutex_lock(&spawners_lock);
    for (struct spawner *s = spawners; s != NULL && !found; s = s->next) {
        uint64_t number = atomic_load(&s->number);

        found = number != 0 && number <= last;
    }
    (void)pthread_mutex_unlock(&spawners_lock);
    return found;
}

int spawner_init(struct spawner *s)
{
    *s = (struct spawner){ 0 };
    s->stack = map(SPAWNER_STACK_SIZE, MAP_PRIVATE | MAP_STACK);
    s->report = map(sizeof(*s->report), MAP_SHARED);
    if (s->stack == NULL || s->report == NULL) {
        spawner_clear(s);
        return -ENOMEM;
    }
    join(s);
    return 0;
}

void spawner_clear(struct spawner *s)
{
    leave(s);
    if (s->stack != NULL) {
        (void)munmap(s->stack, SPAWNER_STACK_SIZE);
        s->stack = NULL;
    }
    if (s->report != NULL) {
        (void)munmap(s->report, sizeof(*s->report));
        s->report = NULL;
    }
}

void spawner_sample_signals(struct spawner *s)
{
    int64_t now_ns = clock_mono_ns();

    if (s->sampled_ns != 0 && now_ns - s->sampled_ns < SAMPLE_NS) {
        return;
    }
    s->sampled_ns = now_ns;
    s->n_changed = 0;
    s->sigchld_is_default = true;
    for (int sig = 1; sig <= SIGRTMAX; sig++) {
        struct sigaction now;

        if (sig == SIGKILL || sig == SIGSTOP ||
            (sig > SIGSYS && sig < SIGRTMIN)) {
            continue;
        }
        if (sigaction(sig, NULL, &now) == 0 && now.sa_handler != SIG_DFL) {
            s->changed[s->n_changed++] = sig;
            s->sigchld_is_default = s->sigchld_is_default && sig != SIGCHLD;
        }
    }
}
