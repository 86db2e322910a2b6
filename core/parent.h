#ifndef BROOD_CORE_PARENT_H
#define BROOD_CORE_PARENT_H

/* parent - a forked child's end of its channel. */

#include <stdbool.h>
#include <stdint.h>

#include "brood_child.h"
#include "port.h"
#include "spin.h"

struct brood_parent {
    struct brood_parent_options options;
    struct channel_context *context;
    char *endpoint;
    struct port port;
    int epoll;
    /** Ends with the parent. */
    int lifeline;
    struct spin spin;
    /** The replies that were not sent at once, and the tick of the first. */
    unsigned n_replies;
    int64_t replies_ns;
    /** There is nobody to send to. */
    bool is_dead;
    bool in_callback;
    /** There may be something that no descriptor tells of. */
    bool due;
    int n_called;
};

#endif /* BROOD_CORE_PARENT_H */
