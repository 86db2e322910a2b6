#ifndef BROOD_CORE_LINES_H
#define BROOD_CORE_LINES_H

/* lines - what the channels to forked children of one pool share. */

#include <stddef.h>
#include <stdint.h>

struct channel_context;

struct lines {
    struct channel_context *context;
    /** Private; each child's endpoint is in it until the child has joined. */
    char *dir;
    uint64_t last;
    /** Nobody writes to it: it ends when this process does, and so tells the
     * children. */
    int lifeline[2];
};

/** Make it ready, if it is not. Returns: 0 or a negative error. */
int lines_open(struct lines *lines, const char *tmp_dir);
/** Returns: a path that was not used before; or NULL. Free it. */
char *lines_path(struct lines *lines);
/** Zeroed memory is allowed. */
void lines_close(struct lines *lines);

#endif /* BROOD_CORE_LINES_H */
