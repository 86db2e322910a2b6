#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "workers/tree.h"

/* A child with a group of its own, and what it says. */
struct started {
    pid_t pid;
    FILE *out;
};

static struct started start(const char *program,
                            const char *a,
                            const char *b,
                            const char *c)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    struct started s;
    char *path;
    int ends[2];
    char *argv[] = { NULL, (char *)(uintptr_t)a, (char *)(uintptr_t)b,
                     (char *)(uintptr_t)c, NULL };

    assert_true(asprintf(&path, "%s/%s", CHILDREN_DIR, program) > 0);
    argv[0] = path;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, ends[1], 1), 0);
    assert_int_equal(posix_spawnattr_init(&attributes), 0);
    assert_int_equal(
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP), 0);
    assert_int_equal(
        posix_spawn(&s.pid, path, &actions, &attributes, argv, environ), 0);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    (void)close(ends[1]);
    s.out = fdopen(ends[0], "re");
    assert_non_null(s.out);
    free(path);
    return s;
}

/* The next number that a child says, or 0. */
static pid_t say(struct started *s)
{
    char line[32];

    return fgets(line, sizeof(line), s->out) == NULL
               ? 0
               : (pid_t)strtol(line, NULL, 10);
}

static void end(struct started *s)
{
    (void)fclose(s->out);
    (void)kill(-s->pid, SIGKILL);
    assert_int_equal(waitpid(s->pid, NULL, 0), s->pid);
}

static bool is_in(const struct tree_list *list, pid_t pid)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->processes[i].pid == pid) {
            return true;
        }
    }
    return false;
}

/* Wait for the signal's work; a limit that only a failure reaches. */
static bool wait_until_dead(struct tree_list *list)
{
    for (int i = 0; i < 5000; i++) {
        if (tree_alive(list) == 0) {
            return true;
        }
        (void)poll(NULL, 0, 2);
    }
    return false;
}

static void a_name_may_hold_anything(void **state)
{
    static const char *const texts[] = {
        "17 (sh) S 3 5 6 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99 1 2\n",
        "17 (a b) S 3 5 6 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99",
        "17 () R 1 1 1) S 3 5 6 -1 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99 1",
        "17 (\n) (() S 3 5 6 0 -1 4194304 1 2 3 4 5 6 -7 8 20 -5 1 0 99 1",
    };
    struct tree_process p;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        memset(&p, 0, sizeof(p));
        assert_ok(tree_process_parse(texts[i], strlen(texts[i]), &p));
        assert_int_equal(p.pid, 17);
        assert_int_equal(p.state, 'S');
        assert_int_equal(p.parent, 3);
        assert_int_equal(p.group, 5);
        assert_int_equal(p.session, 6);
        assert_int_equal(p.threads, 1);
        assert_int_equal(p.start_ticks, 99);
    }
}

static void what_is_no_stat_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "17",
        "17 (",
        "17 (sh)",
        "17 (sh) ",
        "17 (sh) S",
        "17 (sh) S 3 5 6 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0",
        "17 (sh) S x 5 6 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99",
        "17 (sh) S 3  5 6 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99",
        "17 (sh) S 99999999999 5 6 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 9",
        " (sh) S 3 5 6 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99",
        "99999999999 (sh) S 3 5 6 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99",
        "x (sh) S 3 5 6 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99",
    };
    struct tree_process p = { .pid = 4 };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_err(tree_process_parse(texts[i], strlen(texts[i]), &p),
                   -EBADMSG);
    }
    assert_int_equal(p.pid, 4);
}

static void nothing_is_read_past_the_end(void **state)
{
    static const char text[] =
        "17 (a) b) S 3 5 6 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99 1";
    struct tree_process p;

    (void)state;
    for (size_t size = 0; size <= strlen(text); size++) {
        /* A sanitizer sees where this one ends. */
        char *copy = malloc(size > 0 ? size : 1);

        assert_non_null(copy);
        memcpy(copy, text, size);
        (void)tree_process_parse(copy, size, &p);
        free(copy);
    }
}

static void a_child_alone_has_no_others(void **state)
{
    struct started s = start("sleep_ms", "60000", NULL, NULL);
    struct tree tree = { 0 };
    struct tree_list list = { 0 };

    (void)state;
    assert_ok(tree_scan(&tree));
    assert_true(tree.count > 1);
    assert_int_equal(tree_collect(&tree, s.pid, &list), 0);
    end(&s);
    tree_list_clear(&list);
    tree_clear(&tree);
}

static void all_descendants_are_found_and_ended(void **state)
{
    struct started s = start("fork_tree", "3", "2", "60000");
    struct tree tree = { 0 };
    struct tree_list list = { 0 };
    pid_t pids[15];

    (void)state;
    for (size_t i = 0; i < 15; i++) {
        pids[i] = say(&s);
    }
    assert_int_equal(pids[14], s.pid);
    assert_ok(tree_scan(&tree));
    assert_int_equal(tree_collect(&tree, s.pid, &list), 14);
    for (size_t i = 0; i < 14; i++) {
        assert_true(is_in(&list, pids[i]));
    }
    /* Nothing is added twice. */
    assert_int_equal(tree_collect(&tree, s.pid, &list), 0);
    assert_int_equal(tree_alive(&list), 14);
    assert_int_equal(tree_signal(&list, SIGKILL), 14);
    assert_true(wait_until_dead(&list));
    assert_int_equal(tree_signal(&list, SIGKILL), 0);
    end(&s);
    tree_list_clear(&list);
    tree_clear(&tree);
}

static void one_in_a_session_of_its_own_is_found(void **state)
{
    struct started s = start("setsid_child", "60000", NULL, NULL);
    struct tree tree = { 0 };
    struct tree_list list = { 0 };
    pid_t apart = say(&s);

    (void)state;
    assert_ok(tree_scan(&tree));
    assert_int_equal(tree_collect(&tree, s.pid, &list), 1);
    assert_int_equal(list.processes[0].pid, apart);
    assert_int_equal(list.processes[0].session, apart);
    assert_int_equal(tree_signal(&list, SIGTERM), 1);
    assert_true(wait_until_dead(&list));
    end(&s);
    tree_list_clear(&list);
    tree_clear(&tree);
}

static void one_whose_parent_has_ended_stays_in_the_list(void **state)
{
    struct started s = start("setsid_child", "60000", NULL, NULL);
    struct tree tree = { 0 };
    struct tree_list list = { 0 };
    pid_t apart = say(&s);

    (void)state;
    assert_ok(tree_scan(&tree));
    assert_int_equal(tree_collect(&tree, s.pid, &list), 1);
    end(&s);
    assert_ok(tree_scan(&tree));
    assert_int_equal(tree_collect(&tree, 0, &list), 0);
    assert_int_equal(tree_alive(&list), 1);
    assert_true(is_in(&list, apart));
    assert_int_equal(tree_signal(&list, SIGKILL), 1);
    assert_true(wait_until_dead(&list));
    tree_list_clear(&list);
    tree_clear(&tree);
}

static void members_of_the_group_of_a_zombie_are_found(void **state)
{
    struct started s = start("grandchild_holds_pipe", "60000", NULL, NULL);
    struct tree tree = { 0 };
    struct tree_list list = { 0 };
    siginfo_t info;

    (void)state;
    assert_int_equal(waitid(P_PID, (id_t)s.pid, &info, WEXITED | WNOWAIT), 0);
    assert_ok(tree_scan(&tree));
    assert_int_equal(tree_collect(&tree, s.pid, &list), 1);
    assert_int_equal(list.processes[0].group, s.pid);
    assert_true(list.processes[0].parent != s.pid);
    assert_int_equal(tree_signal(&list, SIGKILL), 1);
    assert_true(wait_until_dead(&list));
    end(&s);
    tree_list_clear(&list);
    tree_clear(&tree);
}

static void a_pid_that_was_given_to_another_is_not_signalled(void **state)
{
    struct started s = start("sleep_ms", "60000", NULL, NULL);
    struct tree_process other = { .pid = s.pid, .start_ticks = 1 };
    struct tree_list list = { &other, 1, 1 };

    (void)state;
    assert_int_equal(tree_signal(&list, SIGKILL), 0);
    assert_int_equal(tree_alive(&list), 0);
    assert_int_equal(waitpid(s.pid, NULL, WNOHANG), 0);
    end(&s);
}

static void descendants_of_a_stranger_with_a_listed_pid_are_not_taken(
    void **state)
{
    struct started s = start("fork_tree", "1", "1", "60000");
    struct tree tree = { 0 };
    struct tree_list list = { 0 };

    (void)state;
    assert_true(say(&s) > 0 && say(&s) > 0);
    list.processes = calloc(1, sizeof(*list.processes));
    assert_non_null(list.processes);
    list.processes[0] = (struct tree_process){ .pid = s.pid, .state = 'S' };
    list.count = 1;
    list.room = 1;
    assert_ok(tree_scan(&tree));
    assert_int_equal(tree_collect(&tree, 0, &list), 0);
    end(&s);
    tree_list_clear(&list);
    tree_clear(&tree);
}

static void we_are_never_listed(void **state)
{
    struct started s = start("sleep_ms", "60000", NULL, NULL);
    struct tree tree = { 0 };
    struct tree_list list = { 0 };

    (void)state;
    assert_ok(tree_scan(&tree));
    assert_true(tree_collect(&tree, getpid(), &list) >= 1);
    assert_true(is_in(&list, s.pid));
    assert_false(is_in(&list, getpid()));
    end(&s);
    tree_list_clear(&list);
    tree_clear(&tree);
}

static void a_process_lives_while_one_of_its_threads_does(void **state)
{
    struct started s = start("main_thread_ends", "60000", NULL, NULL);
    struct tree_list list = { 0 };
    struct tree_process p;
    char name[16];
    int proc = tree_process_open();

    (void)state;
    assert_ok(proc);
    (void)say(&s);
    (void)snprintf(name, sizeof(name), "%d", (int)s.pid);
    assert_ok(tree_process_read(proc, name, &p));
    assert_int_equal(p.state, 'Z');
    assert_true(tree_process_is_alive(&p));
    assert_int_equal(kill(s.pid, SIGKILL), 0);
    list = (struct tree_list){ &p, 1, 1 };
    assert_true(wait_until_dead(&list));
    (void)close(proc);
    end(&s);
}

static void no_memory_is_told(void **state)
{
    struct started s = start("setsid_child", "60000", NULL, NULL);
    struct tree tree = { 0 };
    struct tree_list list = { 0 };

    (void)state;
    (void)say(&s);
    for (int n = 1; n <= 2; n++) {
        brood_fault_arm("mem", n);
        assert_err(tree_scan(&tree), -ENOMEM);
        assert_int_equal(tree.count, 0);
        tree_clear(&tree);
    }
    brood_fault_arm("mem", 0);
    assert_int_equal(tree_collect(&tree, s.pid, &list), 0);
    assert_ok(tree_scan(&tree));
    brood_fault_arm("mem", 1);
    assert_err(tree_collect(&tree, s.pid, &list), -ENOMEM);
    brood_fault_arm("mem", 0);
    assert_int_equal(tree_collect(&tree, s.pid, &list), 1);
    assert_int_equal(tree_signal(&list, SIGKILL), 1);
    end(&s);
    tree_list_clear(&list);
    tree_clear(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_may_hold_anything),
        cmocka_unit_test(what_is_no_stat_is_refused),
        cmocka_unit_test(nothing_is_read_past_the_end),
        cmocka_unit_test(a_child_alone_has_no_others),
        cmocka_unit_test(all_descendants_are_found_and_ended),
        cmocka_unit_test(one_in_a_session_of_its_own_is_found),
        cmocka_unit_test(one_whose_parent_has_ended_stays_in_the_list),
        cmocka_unit_test(members_of_the_group_of_a_zombie_are_found),
        cmocka_unit_test(a_pid_that_was_given_to_another_is_not_signalled),
        cmocka_unit_test(
            descendants_of_a_stranger_with_a_listed_pid_are_not_taken),
        cmocka_unit_test(we_are_never_listed),
        cmocka_unit_test(a_process_lives_while_one_of_its_threads_does),
        cmocka_unit_test(no_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
