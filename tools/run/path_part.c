#include "run/path_part.h"

/* Where the base name begins. */
static size_t base_at(const char *path, size_t size)
{
    size_t at = size;

    while (at > 0 && path[at - 1] != '/') {
        at--;
    }
    return at;
}

static size_t without_extension(const char *path, size_t size)
{
    for (size_t at = size; at > 0 && path[at - 1] != '/'; at--) {
        if (path[at - 1] == '.') {
            return at - 1;
        }
    }
    return size;
}

static size_t without_slashes(const char *path, size_t size)
{
    while (size > 1 && path[size - 1] == '/') {
        size--;
    }
    return size;
}

static const char *directory(const char *path, size_t size, size_t *ret_size)
{
    size = base_at(path, without_slashes(path, size));
    if (size == 0) {
        *ret_size = 1;
        return ".";
    }
    *ret_size = without_slashes(path, size);
    return path;
}

const char *path_part(const char *path,
                      size_t size,
                      enum path_part part,
                      size_t *ret_size)
{
    size_t at;

    switch (part) {
    case PATH_NO_EXTENSION:
        *ret_size = without_extension(path, size);
        return path;
    case PATH_BASE:
    case PATH_BASE_NO_EXTENSION:
        at = base_at(path, size);
        if (part == PATH_BASE_NO_EXTENSION) {
            size = without_extension(path, size);
        }
        *ret_size = size - at;
        return path + at;
    case PATH_DIRECTORY:
        return directory(path, size, ret_size);
    case PATH_WHOLE:
    default:
        *ret_size = size;
        return path;
    }
}
