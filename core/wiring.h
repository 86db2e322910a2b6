#ifndef BROOD_CORE_WIRING_H
#define BROOD_CORE_WIRING_H

/*
 * wiring - where core meets workers: how a pool gets parties to its channels.
 *
 * core/wiring.c, the one file that sees both layers, starts threads of
 * workers/. Tests of core bring a party of their own in its place.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

struct channel_context;
struct wiring_party;

struct wiring_spec {
    struct channel_context *context;
    /** The channel's name; its binding end exists. */
    const char *name;
    unsigned slots;
    /** The number of the first slot. */
    unsigned first_slot;
    size_t output_memory_bytes;
    const char *tmp_dir;
    /** The limit of open files that children get back, if it was raised. */
    bool restore_nofile;
    struct rlimit nofile;
};

/** Start a worker on its channel. Returns: 0 or a negative error. */
int wiring_start(const struct wiring_spec *spec, struct wiring_party **ret);
/** Wait for the end of a worker that was told MESSAGE_SHUTDOWN. */
struct wiring_party *wiring_join(struct wiring_party *party);

#endif /* BROOD_CORE_WIRING_H */
