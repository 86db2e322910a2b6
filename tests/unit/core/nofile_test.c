#include "nofile.h"

#include <brood.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/batch.h"
#include "support/check.h"

enum {
    FDS_PER_SLOT = 3,
    TOO_MANY = 999999,
};

/*
 * Limits are the process's, and a hard limit does not rise again: each case
 * runs in a child of its own, and its exit status is the line that failed.
 */
#define MUST(expression) ((expression) ? (void)0 : _exit(__LINE__ % 256))

static void in_child(void (*run)(void))
{
    pid_t pid = fork();
    int status = -1;

    assert_true(pid >= 0);
    if (pid == 0) {
        run();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) != 0) {
        fail_msg("failed at line %d", WEXITSTATUS(status));
    }
}

static void set_limit(rlim_t soft, rlim_t hard)
{
    const struct rlimit limit = { soft, hard };

    MUST(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

static rlim_t soft_limit(void)
{
    struct rlimit limit;

    MUST(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    return limit.rlim_cur;
}

static void plenty(void)
{
    unsigned slots = 4;
    unsigned threads = 2;
    struct nofile nofile;

    set_limit(512, 1024);
    MUST(nofile_make_room(&slots, &threads, &nofile) == 0);
    MUST(slots == 4 && threads == 2);
    MUST(!nofile.raised);
    MUST(soft_limit() == 512);
}

static void where_there_is_room_nothing_changes(void **state)
{
    (void)state;
    in_child(plenty);
}

static void raised(void)
{
    unsigned slots = 100;
    unsigned threads = 2;
    struct nofile nofile;

    set_limit(64, 1024);
    MUST(nofile_make_room(&slots, &threads, &nofile) == 0);
    MUST(slots == 100 && threads == 2);
    MUST(nofile.raised);
    MUST(nofile.before.rlim_cur == 64 && nofile.before.rlim_max == 1024);
    MUST(soft_limit() == 1024);
}

static void the_soft_limit_rises_when_needed(void **state)
{
    (void)state;
    in_child(raised);
}

static void shrunk(void)
{
    unsigned slots = TOO_MANY;
    unsigned threads = 8;
    struct nofile nofile;
    unsigned slots_before;

    set_limit(128, 256);
    MUST(nofile_make_room(&slots, &threads, &nofile) == 0);
    MUST(slots > 16 && slots * FDS_PER_SLOT < 256);
    MUST(threads == 8);
    MUST(nofile.raised);
    slots_before = slots;
    /* What fits stays as it is. */
    MUST(nofile_make_room(&slots, &threads, &nofile) == 0);
    MUST(slots == slots_before);
}

static void slots_shrink_to_the_hard_limit(void **state)
{
    (void)state;
    in_child(shrunk);
}

static void fewer_threads(void)
{
    unsigned slots = 100;
    unsigned threads = 100;
    struct nofile nofile;

    set_limit(64, 64);
    MUST(nofile_make_room(&slots, &threads, &nofile) == 0);
    MUST(threads >= 1 && threads < 16);
    MUST(slots >= threads);
}

static void threads_shrink_with_the_slots(void **state)
{
    (void)state;
    in_child(fewer_threads);
}

static void every_limit(void)
{
    unsigned last = 0;

    for (rlim_t limit = 128; limit > 3; limit--) {
        unsigned slots = 1000;
        unsigned threads = 4;
        struct nofile nofile;
        int r;

        set_limit(limit, limit);
        r = nofile_make_room(&slots, &threads, &nofile);
        MUST(r == 0 || r == -EMFILE);
        if (r == 0) {
            MUST(slots >= 1 && threads >= 1 && slots >= threads);
            MUST((rlim_t)slots * FDS_PER_SLOT < limit);
            last = slots;
        }
    }
    MUST(last == 1);
}

static void there_is_at_least_one_slot_or_an_error(void **state)
{
    (void)state;
    in_child(every_limit);
}

static void none_left(void)
{
    struct brood *pool = NULL;

    set_limit(8, 8);
    MUST(brood_open(NULL, &pool) == -EMFILE);
    MUST(pool == NULL);
}

static void a_pool_without_room_for_one_slot_is_refused(void **state)
{
    (void)state;
    in_child(none_left);
}

static void options_out_of_range_are_refused(void **state)
{
    struct brood *pool = NULL;
    int fds = count_fds();

    (void)state;
    assert_err(brood_open(&(struct brood_options){ .slots = 1000001 }, &pool),
               -EINVAL);
    assert_err(brood_open(&(struct brood_options){ .size = 1 }, &pool),
               -EINVAL);
    assert_null(pool);
    assert_int_equal(count_fds(), fds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_there_is_room_nothing_changes),
        cmocka_unit_test(the_soft_limit_rises_when_needed),
        cmocka_unit_test(slots_shrink_to_the_hard_limit),
        cmocka_unit_test(threads_shrink_with_the_slots),
        cmocka_unit_test(there_is_at_least_one_slot_or_an_error),
        cmocka_unit_test(a_pool_without_room_for_one_slot_is_refused),
        cmocka_unit_test(options_out_of_range_are_refused),
    };

    return cmocka_run_group_tests_name("core.nofile", tests, NULL, NULL);
}
