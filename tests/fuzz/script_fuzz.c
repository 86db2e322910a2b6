/*
 * script_fuzz - read any bytes as commands of CMake.
 *
 * Each command has a name and whole arguments; an error is one line that names
 * the file and a line of it.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "suite/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As assert, in a release too. */
static void must(int condition)
{
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *args[SCRIPT_ARGS_MAX];
    struct arena arena = { 0 };
    struct text error = { 0 };
    struct text command = { 0 };
    struct text input = { 0 };
    struct script script = { .arena = &arena,
                             .path = "file",
                             .line = 1,
                             .args = args,
                             .error = &error };
    int r;

    text_add(&input, data, size);
    text_add_char(&input, '\0');
    script.at = input.data;
    while ((r = script_next(&script, &command)) == 1) {
        must(command.size > 0 && script.n_args <= SCRIPT_ARGS_MAX);
        for (size_t i = 0; i < script.n_args; i++) {
            must(args[i] != NULL && strlen(args[i]) <= 2 * size);
        }
    }
    must((r < 0) == (error.size > 0));
    must(r == 0 || (strncmp(error.data, "file:", 5) == 0 &&
                    strchr(error.data, '\n') == NULL));
    must(script.at <= input.data + size);
    text_clear(&input);
    text_clear(&command);
    text_clear(&error);
    arena_clear(&arena);
    return 0;
}
