/* wish - what a job is to the graph. */
#include <errno.h>
#include <string.h>

#include "batch/batch.h"

/* What a job is to the graph; its texts live as long as the arena. */
struct wish {
    struct arena arena;
    struct brood_edge *edges;
    struct brood_need *needs;
    struct brood_graph_job job;
};

static void add_edges(struct wish *wish,
                      const struct spec_words *names,
                      enum brood_after after)
{
    for (size_t i = 0; i < names->n; i++) {
        wish->edges[wish->job.n_edges++] =
            (struct brood_edge){ .name = names->items[i], .after = after };
    }
}

static void add_need(struct wish *wish, const char *name, uint64_t amount)
{
    wish->needs[wish->job.n_needs++] =
        (struct brood_need){ .resource = name, .amount = amount };
}

/* So that a lock may be called as a resource is. */
static const char *prefixed(struct wish *wish,
                            const char *kind,
                            const char *name)
{
    struct text text = { 0 };
    const char *copy;

    text_add_string(&text, kind);
    text_add_string(&text, name);
    copy = arena_copy(&wish->arena, text.data, text.size);
    text_clear(&text);
    return copy;
}

static void make_wish(struct batch *batch,
                      const struct spec *spec,
                      struct wish *wish)
{
    size_t n_edges = spec->after.n + spec->after_any.n + spec->after_fail.n;
    size_t n_needs = 2 + spec->resources.n + spec->locks.n;

    wish->edges =
        arena_take(&wish->arena, (n_edges + 1) * sizeof(*wish->edges));
    wish->needs = arena_take(&wish->arena, n_needs * sizeof(*wish->needs));
    add_edges(wish, &spec->after, BROOD_AFTER_OK);
    add_edges(wish, &spec->after_any, BROOD_AFTER_ANY);
    add_edges(wish, &spec->after_fail, BROOD_AFTER_FAILED);
    add_need(wish, "cpus",
             spec->cpus < batch->slots ? spec->cpus : batch->slots);
    if (spec->mem_bytes > 0) {
        add_need(wish, "mem", spec->mem_bytes);
    }
    for (size_t i = 0; i < spec->resources.n; i++) {
        add_need(wish, prefixed(wish, "resource ", spec->resources.items[i]),
                 spec->amounts[i]);
    }
    for (size_t i = 0; i < spec->locks.n; i++) {
        const char *lock = prefixed(wish, "lock ", spec->locks.items[i]);

        if (brood_graph_resource(batch->graph, lock, 1) < 0) {
            text_no_memory();
        }
        add_need(wish, lock, 1);
    }
    wish->job.name = spec->id;
    wish->job.edges = wish->edges;
    wish->job.needs = wish->needs;
    wish->job.priority = spec->priority;
    wish->job.cost_ns = spec->cost_ns;
}

/* Why the graph does not take a job, for the user. */
static void add_refusal(const struct spec *spec, int error, struct text *out)
{
    switch (error) {
    case -EEXIST:
        text_add_format(out, "a second job with the id '%s'", spec->id);
        break;
    case -ENOENT:
        text_add_string(out, "a resource that neither 'limits' nor "
                             "--resource has told of");
        break;
    case -ERANGE:
        text_add_string(out, "it needs more than there is");
        break;
    case -EINVAL:
        text_add_string(out, "a resource or lock a second time");
        break;
    default:
        text_add_string(out, brood_strerror(error));
        break;
    }
}

/* Wide jobs, and those with a channel, are counted by the graph, not by the
 * pool, so it must not hand out jobs ahead of time any more. */
static void note_shape(struct batch *batch, const struct spec *spec)
{
    if ((spec->cpus > 1 || spec->channel) && !batch->has_wide) {
        batch->has_wide = true;
        batch_set_ahead(batch, 0);
    }
    batch->has_order = batch->has_order || spec->priority != 0 ||
                       spec->id != NULL || spec->cost_ns > 0 || spec->cpus > 1;
}

int batch_wish(struct batch *batch,
               const struct spec *spec,
               struct batch_job *job,
               struct text *error)
{
    struct wish wish = { 0 };
    int r;

    if (batch->slots == 0) {
        batch_set_slots(batch);
    }
    note_shape(batch, spec);
    job->seq = batch->n_jobs + 1;
    make_wish(batch, spec, &wish);
    wish.job.tag = job;
    if (batch->store != NULL && wish.job.cost_ns == 0 && batch->has_order) {
        unsigned char key[STORE_KEY_SIZE];

        batch_job_key(batch, job, spec, key);
        (void)store_find(batch->store, key, &wish.job.cost_ns);
    }
    r = brood_graph_add(batch->graph, &wish.job, &job->number);
    if (r < 0) {
        add_refusal(spec, r, error);
    } else {
        batch->n_jobs++;
    }
    arena_clear(&wish.arena);
    return r;
}
