#include "test/resources.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "suite/json_tree.h"

enum {
    NEEDS_MAX = 4096,
};

static int add_device(struct resources *r,
                      struct suite *suite,
                      const char *type,
                      yajl_val device,
                      struct text *error)
{
    const char *id = json_tree_string(device, "id");
    yajl_val slots = json_tree_get(device, "slots");
    long long n = YAJL_IS_INTEGER(slots) ? slots->u.number.i : 1;

    if (id == NULL || n < 0 || n > INT32_MAX) {
        text_add_format(error, "'%s': expected an id and slots of each", type);
        return -1;
    }
    r->devices = reallocarray(r->devices, r->n + 1, sizeof(*r->devices));
    if (r->devices == NULL) {
        text_no_memory();
    }
    r->devices[r->n++] =
        (struct resources_device){ .type = suite_copy(suite, type),
                                   .id = suite_copy(suite, id),
                                   .slots = (unsigned)n };
    return 0;
}

static int add_machine(struct resources *r,
                       struct suite *suite,
                       yajl_val machine,
                       struct text *error)
{
    int result = 0;

    for (size_t i = 0;
         YAJL_IS_OBJECT(machine) && result == 0 && i < machine->u.object.len;
         i++) {
        const char *type = machine->u.object.keys[i];
        yajl_val devices = machine->u.object.values[i];

        for (size_t k = 0;
             YAJL_IS_ARRAY(devices) && result == 0 && k < devices->u.array.len;
             k++) {
            result =
                add_device(r, suite, type, devices->u.array.values[k], error);
        }
    }
    return result;
}

int resources_read(struct resources *resources,
                   struct suite *suite,
                   const char *path,
                   struct text *error)
{
    yajl_val tree = json_tree_read(path, error);
    yajl_val local = json_tree_get(tree, "local");
    int r = tree == NULL ? -1 : 0;

    if (r == 0 && !YAJL_IS_ARRAY(local)) {
        text_add_format(error, "%s: expected an object with 'local'", path);
        r = -1;
    }
    for (size_t i = 0; r == 0 && i < local->u.array.len; i++) {
        r = add_machine(resources, suite, local->u.array.values[i], error);
    }
    yajl_tree_free(tree);
    return r;
}

void resources_clear(struct resources *resources)
{
    free(resources->devices);
    *resources = (struct resources){ 0 };
}

/* The device of a type that has room and least of it; n: there is none. */
static size_t find(const struct resources *r, const struct suite_need *need)
{
    size_t best = r->n;

    for (size_t i = 0; i < r->n; i++) {
        const struct resources_device *d = &r->devices[i];

        if (strcmp(d->type, need->type) == 0 &&
            d->slots - d->used >= need->slots &&
            (best == r->n || d->slots - d->used < r->devices[best].slots -
                                                      r->devices[best].used)) {
            best = i;
        }
    }
    return best;
}

bool resources_share(const struct suite_test *a, const struct suite_test *b)
{
    for (size_t i = 0; i < a->n_needs; i++) {
        for (size_t k = 0; k < b->n_needs; k++) {
            if (strcmp(a->needs[i].type, b->needs[k].type) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* The larger ones first, each where it fits best. */
bool resources_take(struct resources *resources,
                    const struct suite_test *test,
                    unsigned *ret)
{
    bool done[NEEDS_MAX] = { false };
    size_t taken = 0;

    while (taken < test->n_needs) {
        size_t largest = SIZE_MAX;
        size_t device;

        for (size_t i = 0; i < test->n_needs; i++) {
            if (!done[i] &&
                (largest == SIZE_MAX ||
                 test->needs[i].slots > test->needs[largest].slots)) {
                largest = i;
            }
        }
        device = find(resources, &test->needs[largest]);
        if (device == resources->n) {
            break;
        }
        done[largest] = true;
        ret[largest] = (unsigned)device;
        resources->devices[device].used += test->needs[largest].slots;
        taken++;
    }
    for (size_t i = 0; taken < test->n_needs && i < test->n_needs; i++) {
        if (done[i]) {
            resources->devices[ret[i]].used -= test->needs[i].slots;
        }
    }
    return taken == test->n_needs;
}

void resources_give_back(struct resources *resources,
                         const struct suite_test *test,
                         const unsigned *devices)
{
    for (size_t i = 0; i < test->n_needs; i++) {
        resources->devices[devices[i]].used -= test->needs[i].slots;
    }
}

bool resources_suffice(const struct resources *resources,
                       const struct suite_test *test)
{
    struct resources empty = { .n = resources->n };
    unsigned *devices = calloc(test->n_needs + 1, sizeof(*devices));
    bool fits;

    empty.devices = calloc(resources->n + 1, sizeof(*empty.devices));
    if (devices == NULL || empty.devices == NULL) {
        text_no_memory();
    }
    for (size_t i = 0; i < resources->n; i++) {
        empty.devices[i] = resources->devices[i];
        empty.devices[i].used = 0;
    }
    fits = resources_take(&empty, test, devices);
    free(empty.devices);
    free(devices);
    return fits;
}

static void add_upper(struct text *out, const char *text)
{
    for (; *text != '\0'; text++) {
        text_add_format(out, "%c", toupper((unsigned char)*text));
    }
}

/* Whether an earlier need of the group has the same type. */
static bool came_before(const struct suite_test *test, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (test->needs[i].group == test->needs[at].group &&
            strcmp(test->needs[i].type, test->needs[at].type) == 0) {
            return true;
        }
    }
    return false;
}

/* CTEST_RESOURCE_GROUP_<group>_<TYPE>=id:...,slots:...;... */
static void add_devices(struct text *out,
                        const struct resources *r,
                        const struct suite_test *test,
                        const unsigned *devices,
                        size_t at)
{
    const char *between = "";

    text_add_format(out, "CTEST_RESOURCE_GROUP_%u_", test->needs[at].group);
    add_upper(out, test->needs[at].type);
    text_add_char(out, '=');
    for (size_t i = at; i < test->n_needs; i++) {
        if (test->needs[i].group == test->needs[at].group &&
            strcmp(test->needs[i].type, test->needs[at].type) == 0) {
            text_add_format(out, "%sid:%s,slots:%u", between,
                            r->devices[devices[i]].id, test->needs[i].slots);
            between = ";";
        }
    }
}

/* CTEST_RESOURCE_GROUP_<group>=type,... */
static void add_types(struct text *out,
                      const struct suite_test *test,
                      unsigned group)
{
    const char *between = "";

    text_add_format(out, "CTEST_RESOURCE_GROUP_%u=", group);
    for (size_t i = 0; i < test->n_needs; i++) {
        if (test->needs[i].group == group && !came_before(test, i)) {
            text_add_format(out, "%s%s", between, test->needs[i].type);
            between = ",";
        }
    }
}

size_t resources_variables(const struct resources *resources,
                           const struct suite_test *test,
                           const unsigned *devices,
                           struct arena *arena,
                           const char **ret)
{
    struct text text = { 0 };
    size_t n = 0;

    text_add_format(&text, "CTEST_RESOURCE_GROUP_COUNT=%u", test->n_groups);
    ret[n++] = arena_copy(arena, text.data, text.size);
    for (unsigned group = 0; group < test->n_groups; group++) {
        text_reset(&text);
        add_types(&text, test, group);
        ret[n++] = arena_copy(arena, text.data, text.size);
    }
    for (size_t i = 0; i < test->n_needs; i++) {
        if (!came_before(test, i)) {
            text_reset(&text);
            add_devices(&text, resources, test, devices, i);
            ret[n++] = arena_copy(arena, text.data, text.size);
        }
    }
    text_clear(&text);
    return n;
}
