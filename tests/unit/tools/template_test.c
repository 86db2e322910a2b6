#include "run/template.h"

#include "support/check.h"

enum {
    VALUES_MAX = 3,
    WORDS_MAX = 4
};

struct row {
    const char *words[WORDS_MAX];
    const char *values[VALUES_MAX];
    const char *want;
};

static void expand_row(const struct row *row,
                       bool quoted_words,
                       const struct template_names *names,
                       struct text *out)
{
    struct value values[VALUES_MAX] = { 0 };
    struct template_values with = { .values = values, .seq = 12, .slot = "3" };
    struct template t;
    size_t n_words = 0;

    while (n_words < WORDS_MAX && row->words[n_words] != NULL) {
        n_words++;
    }
    while (with.n_values < VALUES_MAX && row->values[with.n_values] != NULL) {
        values[with.n_values].data = row->values[with.n_values];
        values[with.n_values].size = strlen(row->values[with.n_values]);
        with.n_values++;
    }
    template_init(&t, TEMPLATE_QUOTED);
    if (quoted_words) {
        template_add_quoted(&t, row->words, n_words, names);
    } else {
        template_add(&t, row->words, n_words, names);
    }
    if (!t.has_replacement) {
        template_add_inputs(&t);
    }
    template_expand(&t, &with, out);
    template_clear(&t);
}

static void check(const struct row *rows,
                  size_t n,
                  bool quoted_words,
                  const struct template_names *names)
{
    for (size_t i = 0; i < n; i++) {
        struct text out = { 0 };

        expand_row(&rows[i], quoted_words, names, &out);
        assert_string_equal(text_string(&out), rows[i].want);
        text_clear(&out);
    }
}

#define CHECK(rows, quoted_words, names) \
    check(rows, sizeof(rows) / sizeof((rows)[0]), quoted_words, names)

static void replacement_strings_are_replaced(void **state)
{
    static const struct row rows[] = {
        { { "echo", "{}", "x{}y" }, { "a" }, "echo a xay" },
        { { "echo" }, { "a b" }, "echo 'a b'" },
        { { "echo", "{#}" }, { "a" }, "echo 12" },
        { { "echo", "{%}-{#}" }, { "a" }, "echo 3-12" },
        { { "echo" }, { "b c", "d" }, "echo 'b c' d" },
        { { "echo", "{.} {/} {//} {/.}" }, { "x/a.b" }, "echo x/a a.b x a" },
        { { "echo a;  b" }, { "x" }, "echo a;  b x" },
        { { "echo", "'$d'" }, { "x" }, "echo '$d' x" },
        { { "echo", "[{}]" }, { "" }, "echo ['']" },
    };

    (void)state;
    CHECK(rows, false, &template_default_names);
}

static void numbers_choose_a_source(void **state)
{
    static const struct row rows[] = {
        { { "echo", "{2} {1} {2}" }, { "a", "b" }, "echo b a b" },
        { { "echo", "{-1} {-2}" }, { "a", "b" }, "echo b a" },
        { { "echo", "{3}.{-3}." }, { "a", "b" }, "echo .." },
        { { "echo", "{0}" }, { "a", "b c" }, "echo a 'b c'" },
        { { "echo", "{01}" }, { "a" }, "echo a" },
        { { "echo", "{1//} {1/} {1/.} {1.} {-1//}" },
          { "/foo", "b/c.d/" },
          "echo / foo foo /foo b" },
    };

    (void)state;
    CHECK(rows, false, &template_default_names);
}

static void other_braces_stay(void **state)
{
    static const struct row rows[] = {
        { { "echo", "{foo} {} {a,b}" }, { "x" }, "echo {foo} x {a,b}" },
        { { "echo", "{#.} {%.} {+1} {1/..} {//1} {" },
          { "x" },
          "echo {#.} {%.} {+1} {1/..} {//1} { x" },
        { { "echo", "{-}{1x}{}" }, { "x" }, "echo {-}{1x}x" },
    };

    (void)state;
    CHECK(rows, false, &template_default_names);
}

static void text_from_inputs_is_not_replaced(void **state)
{
    static const struct row rows[] = {
        { { "echo", "{2}{1}" }, { "{2}", "{1}" }, "echo '{1}''{2}'" },
        { { "echo" }, { "{#}" }, "echo '{#}'" },
    };

    (void)state;
    CHECK(rows, false, &template_default_names);
}

static void a_replacement_in_the_first_word_leaves_inputs_bare(void **state)
{
    static const struct row rows[] = {
        { { "{}" }, { "echo a | cat" }, "echo a | cat" },
        { { "{} {}" }, { "a b" }, "a b a b" },
        { { "{#}", "{}" }, { "a b" }, "12 a b" },
        { { "{2}", "{1}" }, { "a b", "c d" }, "c d a b" },
        { { "./x{} {}" }, { "a b" }, "./xa b a b" },
        { { "{#}={} {}" }, { "a b" }, "12=a b a b" },
        { { " {}" }, { "a b" }, " 'a b'" },
        { { "a\tx{}" }, { "a b" }, "a\tx'a b'" },
        { { "FOO={}", "env" }, { "a b" }, "FOO='a b' env" },
    };

    (void)state;
    CHECK(rows, false, &template_default_names);
}

static void no_command_is_the_input_itself(void **state)
{
    static const struct row rows[] = {
        { { NULL }, { "echo a | cat" }, "echo a | cat" },
        { { NULL }, { "echo", "b" }, "echo b" },
    };

    (void)state;
    CHECK(rows, false, &template_default_names);
}

static void quoted_words_are_words_whatever_comes(void **state)
{
    static const struct row rows[] = {
        { { "echo {} a" }, { "b  c" }, "'echo b  c a'" },
        { { "echo", "{} a", "x{}y" }, { "b  c" }, "echo 'b  c a' 'xb  cy'" },
        { { "{}", "b" }, { "x  y" }, "'x  y' b" },
        { { "echo", "", "a b", "{#}" }, { "x" }, "echo '' 'a b' 12" },
        { { "x{}", "{}" }, { "a b" }, "'xa b' 'a b'" },
        { { "a{}{1}b" }, { "a b", "d" }, "'aa b' 'da bb'" },
        { { "/", "{}{1}" }, { "", ".." }, "/ '' .." },
    };

    (void)state;
    CHECK(rows, true, &template_default_names);
}

static void strings_can_be_renamed(void **state)
{
    struct template_names names = template_default_names;
    static const struct row percent[] = {
        { { "echo", "%.%" }, { "a" }, "echo a.a" },
        { { "echo", "%", "{}", "{1}" }, { "a" }, "echo a {} {1}" },
    };
    static const struct row braces[] = {
        { { "echo", "{a} {1a} {1} {}" }, { "x" }, "echo x x {1} {}" },
    };
    static const struct row both[] = {
        { { "echo", ",, {.} {1.}" }, { "a.b" }, "echo a {.} {1.}" },
    };

    (void)state;
    names.value = "%";
    CHECK(percent, false, &names);
    names.value = "{a}";
    CHECK(braces, false, &names);
    names = template_default_names;
    names.no_extension = ",,";
    CHECK(both, false, &names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replacement_strings_are_replaced),
        cmocka_unit_test(numbers_choose_a_source),
        cmocka_unit_test(other_braces_stay),
        cmocka_unit_test(text_from_inputs_is_not_replaced),
        cmocka_unit_test(a_replacement_in_the_first_word_leaves_inputs_bare),
        cmocka_unit_test(no_command_is_the_input_itself),
        cmocka_unit_test(quoted_words_are_words_whatever_comes),
        cmocka_unit_test(strings_can_be_renamed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
