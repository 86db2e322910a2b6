#ifndef BROOD_TOOLS_RUN_PATH_PART_H
#define BROOD_TOOLS_RUN_PATH_PART_H

/*
 * path_part - parts of a file name, without asking the file system.
 *
 * An extension begins at the last dot behind the last slash. A directory is
 * what dirname(1) says: "." for "foo", "/" for "/foo". A base name is what
 * stands behind the last slash: nothing for "a/".
 */

#include <stddef.h>

enum path_part {
    PATH_WHOLE,
    PATH_NO_EXTENSION,
    PATH_BASE,
    PATH_DIRECTORY,
    PATH_BASE_NO_EXTENSION,
};

/**
 * Find a part.
 *
 * Returns:   where it begins: in @path, or a static text.
 */
const char *path_part(const char *path,
                      size_t size,
                      enum path_part part,
                      size_t *ret_size);

#endif /* BROOD_TOOLS_RUN_PATH_PART_H */
