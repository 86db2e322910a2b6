#ifndef BROOD_PASS_H
#define BROOD_PASS_H

/* pass - a message with descriptors, as it comes. */

#include <stddef.h>

enum {
    /** How many descriptors one message may have. */
    BROOD_PASS_MAX = 64,
};

/** What on_fds gets; valid until it returns. */
struct brood_passed {
    const void *data;
    size_t size_bytes;
    /** They are close-on-exec. To keep one, put -1 in its place: the others are
     * closed when the callback returns. */
    int *fds;
    unsigned n_fds;
    /** How many more there were that could not be opened in this process
     * (EMFILE). */
    unsigned n_lost;
};

#endif /* BROOD_PASS_H */
