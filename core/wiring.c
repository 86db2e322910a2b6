/*
 * wiring - the one file that sees core and workers: it joins them.
 */
#include "wiring.h"

#include "workers/worker.h"

int wiring_start(const struct wiring_spec *spec, struct wiring_party **ret)
{
    const struct worker_options options = {
        .context = spec->context,
        .name = spec->name,
        .slots = spec->slots,
        .first_slot = spec->first_slot,
        .output_memory_bytes = spec->output_memory_bytes,
        .tmp_dir = spec->tmp_dir,
        .restore_nofile = spec->restore_nofile,
        .nofile = spec->nofile,
    };

    return worker_start(&options, (struct worker **)(void *)ret);
}

struct wiring_party *wiring_join(struct wiring_party *party)
{
    return (struct wiring_party *)(void *)worker_join(
        (struct worker *)(void *)party);
}
