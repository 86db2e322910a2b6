#include "batch/spec_keys.h"

#include <string.h>

#include "batch/spec.h"

#define NAME(text) .name = (text), .name_size = sizeof(text) - 1
#define AT(member) .offset = offsetof(struct spec, member)

enum {
    EVERYWHERE = SPEC_IN_JOB | SPEC_IN_DEFAULTS,
    PRIORITY_MAX = 1000000,
    NAME_MAX_SIZE = 32,
};

#define WORDS     "an array of strings"
#define SOME      "a string, or an array of strings"
#define A_STRING  "a string that is not empty"
#define A_TIME    "seconds as a number, or a string as \"1m30s\""
#define COMMAND   "a job has either 'argv' or 'sh'"
#define INPUT     "a job has either 'stdin' or 'stdin_file'"
#define AN_AMOUNT "bytes as a number, or a string as \"512M\""

/* clang-format off */
static const struct spec_key keys[] = {
    { NAME("id"), SPEC_STRING, SPEC_IN_JOB, AT(id), .wants = A_STRING },
    { NAME("sh"), SPEC_STRING, SPEC_IN_JOB, AT(sh), .wants = A_STRING,
      .not_with = "argv", .either = COMMAND },
    { NAME("argv"), SPEC_WORDS, SPEC_IN_JOB, AT(argv),
      .min = 1, .wants = "an array of strings, the program first",
      .not_with = "sh", .either = COMMAND },
    { NAME("after"), SPEC_WORDS_OR_ONE, SPEC_IN_JOB, AT(after),
      .wants = SOME },
    { NAME("after_any"), SPEC_WORDS_OR_ONE, SPEC_IN_JOB, AT(after_any),
      .wants = SOME },
    { NAME("after_fail"), SPEC_WORDS_OR_ONE, SPEC_IN_JOB, AT(after_fail),
      .wants = SOME },
    { NAME("env"), SPEC_ENV, EVERYWHERE, AT(env),
      .wants = "an object of strings" },
    { NAME("cwd"), SPEC_STRING, EVERYWHERE, AT(cwd), .wants = A_STRING },
    { NAME("stdin"), SPEC_TEXT, EVERYWHERE, AT(stdin_text),
      .wants = "a string", .not_with = "stdin_file", .either = INPUT },
    { NAME("stdin_file"), SPEC_STRING, EVERYWHERE, AT(stdin_file),
      .wants = A_STRING, .not_with = "stdin", .either = INPUT },
    { NAME("timeout"), SPEC_DURATION_MS, EVERYWHERE, AT(timeout_ms),
      .wants = A_TIME },
    { NAME("retries"), SPEC_UNSIGNED, EVERYWHERE, AT(retries),
      .max = 1000, .wants = "a number from 0 to 1000" },
    { NAME("backoff"), SPEC_DURATION_MS, EVERYWHERE, AT(backoff_ms),
      .wants = A_TIME },
    { NAME("cpus"), SPEC_UNSIGNED, EVERYWHERE, AT(cpus),
      .min = 1, .max = 65536, .wants = "a number from 1 to 65536" },
    { NAME("mem"), SPEC_BYTES, EVERYWHERE, AT(mem_bytes),
      .wants = AN_AMOUNT },
    { NAME("resources"), SPEC_AMOUNTS, EVERYWHERE, AT(resources),
      .wants = "an object of whole numbers" },
    { NAME("locks"), SPEC_WORDS_OR_ONE, EVERYWHERE, AT(locks),
      .wants = SOME },
    { NAME("priority"), SPEC_INT, EVERYWHERE, AT(priority),
      .min = -PRIORITY_MAX, .max = PRIORITY_MAX,
      .wants = "a number from -1000000 to 1000000" },
    { NAME("duration"), SPEC_DURATION_NS, EVERYWHERE, AT(cost_ns),
      .wants = A_TIME },
    { NAME("tags"), SPEC_WORDS_OR_ONE, EVERYWHERE, AT(tags), .wants = SOME },
    { NAME("inputs"), SPEC_WORDS_OR_ONE, SPEC_IN_JOB, AT(inputs),
      .wants = SOME },
    { NAME("outputs"), SPEC_WORDS_OR_ONE, SPEC_IN_JOB, AT(outputs),
      .wants = SOME },
    { NAME("skip_code"), SPEC_INT, EVERYWHERE, AT(skip_code),
      .max = 255, .wants = "a number from 0 to 255" },
    { NAME("ok_codes"), SPEC_CODES, EVERYWHERE, AT(ok_codes),
      .max = 255, .wants = "an array of numbers from 0 to 255" },
    { NAME("channel"), SPEC_FLAG, EVERYWHERE, AT(channel),
      .wants = "true or false" },

    { NAME("jobs"), SPEC_UNSIGNED, SPEC_IN_LIMITS,
      .offset = offsetof(struct spec_limits, slots),
      .min = 1, .max = 1000000, .wants = "a number from 1 to 1000000" },
    { NAME("mem"), SPEC_BYTES, SPEC_IN_LIMITS,
      .offset = offsetof(struct spec_limits, mem_bytes), .wants = AN_AMOUNT },
    { NAME("resources"), SPEC_AMOUNTS, SPEC_IN_LIMITS,
      .offset = offsetof(struct spec_limits, resources),
      .wants = "an object of whole numbers" },

    { NAME("defaults"), SPEC_OBJECT, SPEC_IN_LINE, .wants = "an object" },
    { NAME("limits"), SPEC_OBJECT, SPEC_IN_LINE, .wants = "an object" },
};
/* clang-format on */

enum {
    KEYS = sizeof(keys) / sizeof(keys[0])
};

_Static_assert(KEYS <= 64, "a bit for each key");

const struct spec_key *spec_key_find(unsigned places,
                                     const char *name,
                                     size_t size)
{
    for (int i = 0; i < KEYS; i++) {
        if (keys[i].name_size == size && (keys[i].places & places) != 0 &&
            memcmp(keys[i].name, name, size) == 0) {
            return &keys[i];
        }
    }
    return NULL;
}

unsigned spec_key_number(const struct spec_key *key)
{
    return (unsigned)(key - keys);
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* How many letters to change, add or leave out (Levenshtein's distance). */
static unsigned distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    unsigned row[NAME_MAX_SIZE + 1];

    for (unsigned k = 0; k <= n_b; k++) {
        row[k] = k;
    }
    for (unsigned i = 1; i <= n_a; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (unsigned k = 1; k <= n_b; k++) {
            unsigned above = row[k];

            row[k] = least(row[k] + 1, row[k - 1] + 1,
                           diagonal + (a[i - 1] != b[k - 1]));
            diagonal = above;
        }
    }
    return row[n_b];
}

void spec_key_unknown(unsigned places,
                      const char *name,
                      size_t size,
                      struct text *out)
{
    const struct spec_key *best = NULL;
    unsigned best_distance = 3;

    text_add_string(out, "unknown key '");
    for (size_t i = 0; i < size && i < NAME_MAX_SIZE; i++) {
        text_add(out, (unsigned char)name[i] < ' ' ? "?" : &name[i], 1);
    }
    text_add_string(out, size < NAME_MAX_SIZE ? "'" : "...'");
    if (spec_key_find(SPEC_IN_LINE, name, size) != NULL) {
        text_add_string(out, " here: it must be alone in its line");
        return;
    }
    if (spec_key_find(SPEC_IN_JOB, name, size) != NULL) {
        text_add_string(out, " here: it belongs to a job");
        return;
    }
    for (int i = 0; i < KEYS && size < NAME_MAX_SIZE; i++) {
        unsigned d = best_distance;

        if ((keys[i].places & places) != 0) {
            d = distance(name, size, keys[i].name, keys[i].name_size);
        }
        if (d < best_distance && (size_t)2 * d < keys[i].name_size) {
            best = &keys[i];
            best_distance = d;
        }
    }
    if (best != NULL) {
        text_add_format(out, "; did you mean '%s'?", best->name);
    }
}
