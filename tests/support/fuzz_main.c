/*
 * fuzz_main - run a fuzz target without libFuzzer, the same way each time.
 *
 * usage: fuzz_NAME [CORPUS-DIRECTORY | FILE]...
 *
 * Each file is run as it is; then come mutations of them, made from a fixed
 * seed. FUZZ_COUNT (20,000) and FUZZ_SECONDS (10) bound the mutations; a
 * failure shows again with the same corpus.
 */

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

enum {
    INPUT_MAX = 64 * 1024,
    INPUTS_MAX = 4096,
    CHANGES_MAX = 8,
};

struct input {
    uint8_t *data;
    size_t size;
};

struct corpus {
    struct input inputs[INPUTS_MAX];
    size_t n;
};

static struct corpus corpus;
static uint8_t work[INPUT_MAX];

static void die(const char *what)
{
    (void)fprintf(stderr, "fuzz: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* xorshift64*: the same series everywhere. */
static size_t random_below(size_t n)
{
    static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return n == 0 ? 0
                  : (size_t)((state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % n;
}

/* A copy of its own size, so that a sanitizer sees a read past the end. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    if (copy == NULL) {
        die("run");
    }
    if (size > 0) {
        memcpy(copy, data, size);
    }
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void add(const uint8_t *data, size_t size)
{
    struct input *input = &corpus.inputs[corpus.n];

    if (corpus.n == INPUTS_MAX) {
        return;
    }
    input->data = malloc(size > 0 ? size : 1);
    if (input->data == NULL) {
        die("add");
    }
    if (size > 0) {
        memcpy(input->data, data, size);
    }
    input->size = size;
    corpus.n++;
}

static void load_file(const char *path)
{
    FILE *file = fopen(path, "rbe");
    size_t size;

    if (file == NULL) {
        die(path);
    }
    size = fread(work, 1, sizeof(work), file);
    if (ferror(file)) {
        die(path);
    }
    (void)fclose(file);
    add(work, size);
    run(work, size);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Sorted: the order of a directory is not the same everywhere. */
static void load(const char *path)
{
    struct dirent **names = NULL;
    struct stat st;
    int n;

    if (stat(path, &st) != 0) {
        return; /* no corpus yet */
    }
    if (!S_ISDIR(st.st_mode)) {
        load_file(path);
        return;
    }
    n = scandir(path, &names, is_visible, alphasort);
    if (n < 0) {
        die(path);
    }
    for (int i = 0; i < n; i++) {
        char *name = NULL;

        if (asprintf(&name, "%s/%s", path, names[i]->d_name) < 0) {
            die(path);
        }
        load_file(name);
        free(name);
        free(names[i]);
    }
    free(names);
}

static size_t insert(size_t size, const uint8_t *data, size_t n)
{
    size_t at = random_below(size + 1);

    if (n > INPUT_MAX - size) {
        return size;
    }
    memmove(work + at + n, work + at, size - at);
    memcpy(work + at, data, n);
    return size + n;
}

static size_t cut(size_t size)
{
    size_t at = random_below(size);
    size_t n = 1 + random_below(size - at);

    memmove(work + at, work + at + n, size - at - n);
    return size - n;
}

/* Values at which lengths, counts and characters change their meaning. */
static const uint8_t telling[] = { 0,   1,   0x7f, 0x80, 0xff, '\n', '\t',
                                   ' ', '"', '\'', '\\', '{',  '}',  '=',
                                   ',', '0', '9',  '-',  ':',  '/',  '%' };

static size_t change(size_t size)
{
    const struct input *other = &corpus.inputs[random_below(corpus.n)];
    uint8_t byte = telling[random_below(sizeof(telling))];
    size_t from;

    switch (size == 0 ? 4 : random_below(6)) {
    case 0:
        work[random_below(size)] ^= (uint8_t)(1u << random_below(8));
        return size;
    case 1:
        work[random_below(size)] = byte;
        return size;
    case 2:
        return cut(size);
    case 3:
        return random_below(size);
    case 4:
        return insert(size, &byte, 1);
    default:
        from = random_below(other->size + 1);
        return insert(size, other->data + from,
                      random_below(other->size - from + 1));
    }
}

static void mutate_once(void)
{
    const struct input *base = &corpus.inputs[random_below(corpus.n)];
    size_t size = base->size;
    size_t changes = 1 + random_below(CHANGES_MAX);

    memcpy(work, base->data, size);
    for (size_t i = 0; i < changes; i++) {
        size = change(size);
    }
    run(work, size);
}

static long number_from(const char *name, long otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : strtol(text, NULL, 10);
}

int main(int argc, char **argv)
{
    long count = number_from("FUZZ_COUNT", 20000);
    time_t end = time(NULL) + number_from("FUZZ_SECONDS", 10);
    long done = 0;

    if (LLVMFuzzerInitialize != NULL) {
        (void)LLVMFuzzerInitialize(&argc, &argv);
    }
    add(work, 0);
    run(work, 0);
    for (int i = 1; i < argc; i++) {
        load(argv[i]);
    }
    while (done < count && time(NULL) < end) {
        mutate_once();
        done++;
    }
    (void)printf("%zu inputs, %ld mutations\n", corpus.n, done);
    for (size_t i = 0; i < corpus.n; i++) {
        free(corpus.inputs[i].data);
    }
    return EXIT_SUCCESS;
}
