#include "suite/cmake_cache.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "file.h"

/* The value of NAME:TYPE=VALUE, up to the line's end; NULL: it is not there. */
static const char *find(const char *cache, const char *name)
{
    size_t size = strlen(name);
    const char *line = cache;

    while (line != NULL) {
        if (strncmp(line, name, size) == 0 && line[size] == ':') {
            const char *equals = strpbrk(line, "=\n");

            return equals != NULL && *equals == '=' ? equals + 1 : NULL;
        }
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return NULL;
}

static bool has_several(const char *generator)
{
    static const char *const kinds[] = { "Multi-Config", "Xcode",
                                         "Visual Studio" };
    size_t size = generator == NULL ? 0 : strcspn(generator, "\n");

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (size > 0 &&
            memmem(generator, size, kinds[i], strlen(kinds[i])) != NULL) {
            return true;
        }
    }
    return false;
}

/* Whether a word is among some with ; between them. */
static bool has_word(const char *list, const char *word)
{
    size_t size = strlen(word);

    for (;;) {
        size_t next = strcspn(list, ";");

        if (next == size && strncasecmp(list, word, size) == 0) {
            return true;
        }
        if (list[next] == '\0') {
            return false;
        }
        list += next + 1;
    }
}

static int check(const char **config, const char *names, struct text *error)
{
    if (*config != NULL && has_word(names, *config)) {
        return 0;
    }
    if (*config == NULL && strchr(names, ';') == NULL) {
        *config = names;
        return 0;
    }
    if (*config == NULL) {
        text_add_string(error, "a build of several configurations; expected "
                               "-C with one of ");
    } else {
        text_add_format(error, "there is no configuration '%s'; expected ",
                        *config);
    }
    text_add_string(error, names);
    return -1;
}

int cmake_cache_check(const char *dir,
                      const char **config,
                      struct text *names,
                      struct text *error)
{
    struct text path = { 0 };
    struct text cache = { 0 };
    const char *value;
    int r = 0;

    text_add_format(&path, "%s/CMakeCache.txt", dir);
    if (file_read(text_string(&path), &cache) == 0) {
        text_add_char(&cache, '\0');
        value = find(cache.data, "CMAKE_CONFIGURATION_TYPES");
        if (value != NULL && *value != '\n' && *value != '\0' &&
            has_several(find(cache.data, "CMAKE_GENERATOR"))) {
            text_reset(names);
            text_add(names, value, strcspn(value, "\r\n"));
            r = check(config, text_string(names), error);
        }
    }
    if (r < 0) {
        struct text why = *error;

        *error = (struct text){ 0 };
        text_add_format(error, "%s: %s", text_string(&path), text_string(&why));
        text_clear(&why);
    }
    text_clear(&cache);
    text_clear(&path);
    return r;
}
