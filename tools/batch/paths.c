#include "batch/paths.h"

void path_in(const char *dir, const char *path, struct text *out)
{
    text_reset(out);
    if (dir != NULL && path[0] != '/') {
        text_add_string(out, dir);
        text_add_char(out, '/');
    }
    text_add_string(out, path);
}
