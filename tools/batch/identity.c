#include "batch/identity.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "batch/paths.h"
#include "text.h"

enum {
    PLACES_FIRST = 1024,
};

struct kinds_place {
    uint64_t kind; /* 0: free */
    unsigned n;
};

/* What is put in front of each part, so that no two jobs give the same bytes. */
enum part {
    PART_SH = 1,
    PART_ARGV,
    PART_ENV,
    PART_DIR,
    PART_STDIN,
    PART_STDIN_FILE,
    PART_INPUT,
    PART_STATE,
    PART_OCCURRENCE,
    PART_PARENT,
};

static void add(XXH3_state_t *state, enum part part, const void *data, size_t n)
{
    uint64_t head[2] = { (uint64_t)part, n };

    (void)XXH3_128bits_update(state, head, sizeof(head));
    (void)XXH3_128bits_update(state, data, n);
}

static void add_string(XXH3_state_t *state, enum part part, const char *text)
{
    if (text != NULL) {
        add(state, part, text, strlen(text));
    }
}

static void add_words(XXH3_state_t *state,
                      enum part part,
                      const struct spec_words *words)
{
    for (size_t i = 0; i < words->n; i++) {
        add_string(state, part, words->items[i]);
    }
}

static void add_spec(XXH3_state_t *state, const struct spec *spec)
{
    (void)XXH3_128bits_reset(state);
    add_string(state, PART_SH, spec->sh);
    add_words(state, PART_ARGV, &spec->argv);
    add_words(state, PART_ENV, &spec->env);
    add_string(state, PART_DIR, spec->cwd);
    add_string(state, PART_STDIN, spec->stdin_text);
    add_string(state, PART_STDIN_FILE, spec->stdin_file);
    add_words(state, PART_INPUT, &spec->inputs);
}

/* Whether a file is what it was: its size and when it was changed. */
static void add_state(XXH3_state_t *state,
                      const struct spec *spec,
                      const char *input)
{
    struct text path = { 0 };
    struct stat st = { 0 };
    int64_t numbers[3];

    path_in(spec->cwd, input, &path);
    if (stat(text_string(&path), &st) < 0) {
        st.st_size = -1;
    }
    numbers[0] = st.st_size;
    numbers[1] = st.st_mtim.tv_sec;
    numbers[2] = st.st_mtim.tv_nsec;
    add(state, PART_STATE, numbers, sizeof(numbers));
    text_clear(&path);
}

void identity_of(const struct spec *spec,
                 unsigned occurrence,
                 const char *dir,
                 const unsigned char *parent,
                 unsigned char ret[STORE_KEY_SIZE])
{
    XXH3_state_t state;
    XXH128_canonical_t hash;

    add_spec(&state, spec);
    if (spec->cwd == NULL || spec->cwd[0] != '/') {
        add_string(&state, PART_DIR, dir);
    }
    for (size_t i = 0; i < spec->inputs.n; i++) {
        add_state(&state, spec, spec->inputs.items[i]);
    }
    if (parent != NULL) {
        add(&state, PART_PARENT, parent, STORE_KEY_SIZE);
    }
    add(&state, PART_OCCURRENCE, &occurrence, sizeof(occurrence));
    XXH128_canonicalFromHash(&hash, XXH3_128bits_digest(&state));
    memcpy(ret, hash.digest, STORE_KEY_SIZE);
}

void kinds_clear(struct kinds *kinds)
{
    free(kinds->places);
    *kinds = (struct kinds){ 0 };
}

static struct kinds_place *place_of(const struct kinds *kinds, uint64_t kind)
{
    uint64_t mask = kinds->n_places - 1;
    uint64_t i = kind & mask;

    while (kinds->places[i].kind != 0 && kinds->places[i].kind != kind) {
        i = (i + 1) & mask;
    }
    return &kinds->places[i];
}

static void grow(struct kinds *kinds)
{
    struct kinds old = *kinds;

    kinds->n_places = old.n_places == 0 ? PLACES_FIRST : 2 * old.n_places;
    kinds->places = calloc(kinds->n_places, sizeof(*kinds->places));
    if (kinds->places == NULL) {
        text_no_memory();
    }
    for (uint64_t i = 0; i < old.n_places; i++) {
        if (old.places[i].kind != 0) {
            *place_of(kinds, old.places[i].kind) = old.places[i];
        }
    }
    free(old.places);
}

static uint64_t kind_of(const struct spec *spec)
{
    XXH3_state_t state;

    add_spec(&state, spec);
    return XXH3_128bits_digest(&state).low64 | 1;
}

unsigned kinds_look(const struct kinds *kinds, const struct spec *spec)
{
    return kinds->n_places == 0 ? 0 : place_of(kinds, kind_of(spec))->n;
}

unsigned kinds_count(struct kinds *kinds, const struct spec *spec)
{
    struct kinds_place *place;
    uint64_t kind = kind_of(spec);

    if (kinds->n_used >= kinds->n_places / 2) {
        grow(kinds);
    }
    place = place_of(kinds, kind);
    kinds->n_used += place->kind == 0;
    place->kind = kind;
    return place->n++;
}
