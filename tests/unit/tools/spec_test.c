#include "batch/spec.h"

#include <errno.h>
#include <stdio.h>

#include "support/check.h"

enum {
    LONG_SIZE = 1 << 20,
    DEPTH = 5000,
};

static int setup(void **state)
{
    *state = spec_reader_new(false);
    return 0;
}

static int teardown(void **state)
{
    assert_null(spec_reader_free(*state));
    return 0;
}

static int read_line(void **state, const char *line, struct spec_line *ret)
{
    return spec_read(*state, line, strlen(line), ret);
}

static struct spec_line read_good(void **state, const char *line)
{
    struct spec_line read;

    if (read_line(state, line, &read) != 0) {
        print_error("%s\ncolumn %zu: %s\n", line, read.column, read.error);
        fail();
    }
    return read;
}

static void assert_words(const struct spec_words *words, const char *want)
{
    char text[256] = "";

    for (size_t i = 0; i < words->n; i++) {
        size_t n = strlen(text);

        (void)snprintf(text + n, sizeof(text) - n, "%s|", words->items[i]);
    }
    assert_string_equal(text, want);
}

static void a_plain_line_is_a_command(void **state)
{
    struct spec_line read = read_good(state, "  echo a; { b; }");

    assert_int_equal(read.kind, SPEC_JOB);
    assert_string_equal(read.job.sh, "  echo a; { b; }");
    assert_int_equal(read.job.cpus, 1);
    assert_int_equal(read.job.skip_code, -1);
    assert_int_equal(read.job.ok_codes[0], 1);
    assert_int_equal(read_good(state, "{ echo \"a\"; }").kind, SPEC_JOB);
    assert_int_equal(read_good(state, "").kind, SPEC_NOTHING);
    assert_int_equal(read_good(state, " \t\r").kind, SPEC_NOTHING);
    assert_int_equal(read_good(state, "# {\"sh\": 1}").kind, SPEC_NOTHING);
    assert_int_equal(read_good(state, "  # x").kind, SPEC_NOTHING);
}

static void all_keys_are_read(void **state)
{
    struct spec_line read = read_good(
        state,
        "{\"id\":\"a\",\"argv\":[\"cc\",\"\",\"x y\"],\"env\":{\"B\":\"2\","
        "\"A\":\"1=\"},\"cwd\":\"/tmp\",\"stdin\":\"in\\n\",\"timeout\":1.5,"
        "\"retries\":3,\"backoff\":\"1m30s\",\"cpus\":2,\"mem\":\"1.5K\","
        "\"resources\":{\"gpu\":1,\"net\":0},\"locks\":[\"db\"],"
        "\"after\":[\"x\",\"y\"],\"after_any\":\"z\",\"after_fail\":[],"
        "\"priority\":-4,\"duration\":2,\"tags\":[\"t\"],\"inputs\":[\"i\"],"
        "\"outputs\":[\"o\"],\"skip_code\":77,\"ok_codes\":[0,3,255],"
        "\"channel\":true,"
        "\"x-note\":{\"any\":[1,null,{}]}}");
    const struct spec *job = &read.job;

    assert_int_equal(read.kind, SPEC_JOB);
    assert_string_equal(job->id, "a");
    assert_null(job->sh);
    assert_words(&job->argv, "cc||x y|");
    assert_null(job->argv.items[3]);
    assert_words(&job->env, "A=1=|B=2|");
    assert_string_equal(job->cwd, "/tmp");
    assert_string_equal(job->stdin_text, "in\n");
    assert_int_equal(job->timeout_ms, 1500);
    assert_int_equal(job->retries, 3);
    assert_int_equal(job->backoff_ms, 90000);
    assert_int_equal(job->cpus, 2);
    assert_int_equal(job->mem_bytes, 1536);
    assert_words(&job->resources, "gpu|net|");
    assert_int_equal(job->amounts[0], 1);
    assert_int_equal(job->amounts[1], 0);
    assert_words(&job->locks, "db|");
    assert_words(&job->after, "x|y|");
    assert_words(&job->after_any, "z|");
    assert_words(&job->after_fail, "");
    assert_int_equal(job->priority, -4);
    assert_int_equal(job->cost_ns, 2000000000);
    assert_words(&job->tags, "t|");
    assert_words(&job->inputs, "i|");
    assert_words(&job->outputs, "o|");
    assert_int_equal(job->skip_code, 77);
    assert_int_equal(job->ok_codes[0], 9);
    assert_true(job->ok_codes[3] == UINT64_C(1) << 63);
    assert_true(job->channel);
}

static void texts_are_unescaped(void **state)
{
    struct spec_line read = read_good(
        state, " {\"sh\": \"\\u00e9\\ud83d\\ude00\\n\\\"\\/\", \"stdin\": "
               "\"\\t\\\\u00e9\" } ");

    assert_string_equal(read.job.sh, "\xc3\xa9\xf0\x9f\x98\x80\n\"/");
    assert_string_equal(read.job.stdin_text, "\t\\u00e9");
}

static void defaults_are_what_jobs_start_from(void **state)
{
    struct spec_line read;

    read =
        read_good(state, "{\"defaults\":{\"cpus\":3,\"env\":{\"A\":\"1\","
                         "\"C\":\"1\"},\"stdin_file\":\"f\",\"tags\":\"t\"}}");
    assert_int_equal(read.kind, SPEC_DEFAULTS);
    read = read_good(state, "{\"defaults\":{\"timeout\":5}}");
    assert_int_equal(read.kind, SPEC_DEFAULTS);
    read = read_good(state, "true");
    assert_int_equal(read.job.cpus, 3);
    assert_int_equal(read.job.timeout_ms, 5000);
    assert_words(&read.job.env, "A=1|C=1|");
    assert_words(&read.job.tags, "t|");
    read = read_good(state, "{\"sh\":\"x\",\"cpus\":1,\"stdin\":\"\","
                            "\"env\":{\"B\":\"2\",\"C\":\"3\",\"D\":\"4\"}}");
    assert_int_equal(read.job.cpus, 1);
    assert_words(&read.job.env, "A=1|B=2|C=3|D=4|");
    assert_string_equal(read.job.stdin_text, "");
    assert_null(read.job.stdin_file);
    assert_int_equal(read_line(state, "{\"defaults\":{}}", &read), -EINVAL);
    assert_string_equal(read.error,
                        "'defaults' must come before the first job");
}

static void a_later_default_of_stdin_takes_the_place_of_another(void **state)
{
    struct spec_line read;

    (void)read_good(state, "{\"defaults\":{\"stdin_file\":\"f\"}}");
    (void)read_good(state, "{\"defaults\":{\"stdin\":\"a\"}}");
    read = read_good(state, "true");
    assert_string_equal(read.job.stdin_text, "a");
    assert_null(read.job.stdin_file);
    read = read_good(state, "{\"sh\":\"x\",\"stdin_file\":\"g\"}");
    assert_null(read.job.stdin_text);
    assert_string_equal(read.job.stdin_file, "g");
}

static void limits_are_read(void **state)
{
    struct spec_line read =
        read_good(state, "{\"limits\":{\"jobs\":8,\"mem\":\"2G\",\"resources\":"
                         "{\"link\":2}}}");

    assert_int_equal(read.kind, SPEC_LIMITS);
    assert_int_equal(read.limits.slots, 8);
    assert_true(read.limits.mem_bytes == UINT64_C(2) << 30);
    assert_words(&read.limits.resources, "link|");
    assert_int_equal(read.limits.amounts[0], 2);
}

static const struct {
    const char *line;
    size_t column;
    const char *error;
} bad[] = {
    { "{\"sh\":\"a\",\"timeou\":1}", 11,
      "unknown key 'timeou'; did you mean 'timeout'?" },
    { "{\"sh\":\"a\", \"frob\":1}", 12, "unknown key 'frob'" },
    { "{\"sh\":\"a\",\"cpus\":0}", 18,
      "'cpus' wants a number from 1 to 65536" },
    { "{\"sh\":\"a\",\"cpus\":1.5}", 18,
      "'cpus' wants a number from 1 to 65536" },
    { "{\"sh\":\"a\",\"cpus\": \"1\"}", 19,
      "'cpus' wants a number from 1 to 65536" },
    { "{\"sh\":\"a\",\"retries\":99999999999999999999}", 21,
      "'retries' wants a number from 0 to 1000" },
    { "{\"sh\":\"a\",\"timeout\":\"1x\"}", 21,
      "'timeout' wants seconds as a number, or a string as \"1m30s\"" },
    { "{\"sh\":\"a\",\"timeout\":-1}", 21,
      "'timeout' wants seconds as a number, or a string as \"1m30s\"" },
    { "{\"sh\":\"a\",\"timeout\":1e3}", 21,
      "'timeout' wants seconds as a number, or a string as \"1m30s\"" },
    { "{\"sh\":\"a\",\"mem\":\"1Q\"}", 17,
      "'mem' wants bytes as a number, or a string as \"512M\"" },
    { "{\"sh\":\"a\",\"mem\":\"\"}", 17,
      "'mem' wants bytes as a number, or a string as \"512M\"" },
    { "{\"sh\":\"a\",\"env\":{\"A\":1}}", 22,
      "'env' wants an object of strings" },
    { "{\"sh\":\"a\",\"env\":{\"A\":null}}", 22,
      "'env' wants an object of strings" },
    { "{\"sh\":\"a\",\"env\":[]}", 17, "'env' wants an object of strings" },
    { "{\"sh\":\"a\",\"env\":{\"A=\":\"\"}}", 18,
      "a name that cannot be used" },
    { "{\"sh\":\"a\",\"env\":{\"A\":\"\",\"A\":\"\"}}", 25,
      "a variable a second time" },
    { "{\"sh\":\"a\",\"resources\":{\"g\":1,\"g\":2}}", 30,
      "the same name a second time" },
    { "{\"sh\":\"a\",\"ok_codes\":[0,256]}", 25,
      "'ok_codes' wants an array of numbers from 0 to 255" },
    { "{\"sh\":\"a\",\"ok_codes\":0}", 22,
      "'ok_codes' wants an array of numbers from 0 to 255" },
    { "{\"sh\":\"a\",\"retries\":true}", 21,
      "'retries' wants a number from 0 to 1000" },
    { "{\"sh\":\"a\",\"channel\":1}", 21, "'channel' wants true or false" },
    { "{\"sh\":\"a\",\"channel\":[true]}", 21,
      "'channel' wants true or false" },
    { "{\"sh\":\"a\",\"after\":[1]}", 20,
      "'after' wants a string, or an array of strings" },
    { "{\"sh\":\"a\",\"after\":[[\"b\"]]}", 20,
      "'after' wants a string, or an array of strings" },
    { "{\"sh\":\"a\",\"after\":[\"\"]}", 20,
      "an empty string cannot be used here" },
    { "{\"argv\":[]}", 2, "the array must not be empty" },
    { "{\"argv\":\"a\"}", 9,
      "'argv' wants an array of strings, the program first" },
    { "{\"sh\":\"a\",\"sh\":\"b\"}", 11, "a key a second time" },
    { "{\"sh\":\"a\",\"argv\":[\"b\"]}", 11,
      "a job has either 'argv' or 'sh'" },
    { "{\"argv\":[\"b\"],\"sh\":\"a\"}", 15,
      "a job has either 'argv' or 'sh'" },
    { "{\"id\":\"a\"}", 1, "a job needs 'argv' or 'sh'" },
    { "{\"sh\":\"a\",\"stdin\":\"b\",\"stdin_file\":\"c\"}", 23,
      "a job has either 'stdin' or 'stdin_file'" },
    { "{\"defaults\":{\"stdin_file\":\"c\",\"stdin\":\"b\"}}", 31,
      "a job has either 'stdin' or 'stdin_file'" },
    { "{\"sh\":\v\"a\"}", 7, "not JSON: a control character" },
    { "{\"sh\":\"a\"\f}", 10, "not JSON: a control character" },
    { "{\"sh\":\"\"}", 7, "'sh' wants a string that is not empty" },
    { "{\"sh\":\"a\\u0000b\"}", 7, "a string with \\u0000 cannot be used" },
    { "{\"sh\":\"\\ud800\"}", 7, "half of a surrogate pair" },
    { "{\"sh\":\"\\ude00\\ud83d\"}", 7, "half of a surrogate pair" },
    { "{\"sh\":\"\\ud83dx\\ude00\"}", 7, "half of a surrogate pair" },
    { "{\"sh\":\"a\",\"defaults\":{}}", 11,
      "unknown key 'defaults' here: it must be alone in its line" },
    { "{\"defaults\":{},\"sh\":\"a\"}", 16,
      "expected the end of the object here" },
    { "{\"defaults\":{\"id\":\"a\"}}", 14,
      "unknown key 'id' here: it belongs to a job" },
    { "{\"limits\":{\"jobs\":0}}", 19,
      "'jobs' wants a number from 1 to 1000000" },
    { "{\"limits\":[]}", 11, "'limits' wants an object" },
    { "{\"sh\":\"a\"} {\"sh\":\"b\"}", 12, "expected one object in the line" },
    { "{\"sh\":\"a\"} 5", 11, "expected one object in the line" },
    { "{\"sh\":\"a\"} tru", 11, "expected one object in the line" },
    { "{\"sh\":\"a\"", 10, "the line ends inside of its object" },
    { "{\"sh\":\"a", 9, "the line ends inside of its object" },
};

static void what_is_wrong_is_told_with_its_column(void **state)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct spec_line read;

        if (read_line(state, bad[i].line, &read) != -EINVAL) {
            print_error("%s was taken\n", bad[i].line);
            fail();
        }
        if (read.column != bad[i].column ||
            strcmp(read.error, bad[i].error) != 0) {
            print_error("%s\n%zu: %s, not\n%zu: %s\n", bad[i].line, read.column,
                        read.error, bad[i].column, bad[i].error);
            fail();
        }
        /* And nothing of it is left. */
        assert_string_equal(read_good(state, "{\"sh\":\"b\"}").job.sh, "b");
        *state = spec_reader_free(*state);
        *state = spec_reader_new(false);
    }
}

static void what_is_not_json_is_told(void **state)
{
    static const char *const lines[] = {
        "{\"sh\":\"a\",}",       "{\"sh\" \"a\"}",    "{\"sh\":'a'}",
        "{\"sh\":\"a\"]",        "{\"sh\":\"\xff\"}", "{\"sh\":\"\t\"}",
        "{\"sh\":\"\\x\"}",      "{\"sh\":\"a\"}}",   "{\"cpus\":01}",
        "{\"sh\":\"a\" // b}",   "{\"cpus\":+1}",     "{\"cpus\":NaN}",
        "{\"sh\":\"\xc0\xaf\"}",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct spec_line read;

        if (read_line(state, lines[i], &read) != -EINVAL) {
            print_error("%s was taken\n", lines[i]);
            fail();
        }
        assert_in_range(read.column, 1, strlen(lines[i]) + 1);
        assert_null(strchr(read.error, '\n'));
        assert_true(strlen(read.error) > 10);
    }
}

static void a_nul_byte_is_refused(void **state)
{
    struct spec_line read;

    assert_err(spec_read(*state, "a\0b", 3, &read), -EINVAL);
    assert_int_equal(read.column, 2);
    assert_string_equal(read.error, "a NUL byte");
}

static void lines_of_any_length_are_read(void **state)
{
    struct text line = { 0 };
    struct spec_line read;

    text_add_string(&line, "{\"sh\":\"");
    for (int i = 0; i < LONG_SIZE; i++) {
        text_add_char(&line, 'a');
    }
    text_add_string(&line, "\",\"x-deep\":");
    for (int i = 0; i < DEPTH; i++) {
        text_add_string(&line, "[{\"a\":");
    }
    text_add_string(&line, "1");
    for (int i = 0; i < DEPTH; i++) {
        text_add_string(&line, "}]");
    }
    text_add_string(&line, ",\"cpus\":2}");
    read = read_good(state, text_string(&line));
    assert_int_equal(strlen(read.job.sh), LONG_SIZE);
    assert_int_equal(read.job.cpus, 2);
    text_clear(&line);
}

static void with_plain_all_lines_are_commands(void **state)
{
    struct spec_reader *reader = spec_reader_new(true);
    struct spec_line read;

    (void)state;
    assert_ok(spec_read(reader, "{\"sh\":1}", 8, &read));
    assert_string_equal(read.job.sh, "{\"sh\":1}");
    assert_ok(spec_read(reader, "#", 1, &read));
    assert_int_equal(read.kind, SPEC_NOTHING);
    (void)spec_reader_free(reader);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_plain_line_is_a_command),
        TEST(all_keys_are_read),
        TEST(texts_are_unescaped),
        TEST(defaults_are_what_jobs_start_from),
        TEST(a_later_default_of_stdin_takes_the_place_of_another),
        TEST(limits_are_read),
        TEST(what_is_wrong_is_told_with_its_column),
        TEST(what_is_not_json_is_told),
        TEST(a_nul_byte_is_refused),
        TEST(lines_of_any_length_are_read),
        TEST(with_plain_all_lines_are_commands),
    };

    return cmocka_run_group_tests_name("tools.spec", tests, NULL, NULL);
}
