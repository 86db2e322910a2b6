#ifndef BROOD_TOOLS_ARENA_H
#define BROOD_TOOLS_ARENA_H

/*
 * arena - memory for many small things that end together.
 *
 * Memory that cannot be had ends the program (see text_no_memory()).
 */

#include <stddef.h>

struct arena_block;

/** Zeroed memory is an empty one. */
struct arena {
    struct arena_block *blocks;
};

/** Room for @size bytes, as aligned as malloc's. */
void *arena_take(struct arena *arena, size_t size);
/** A copy of bytes, with a NUL behind it. */
char *arena_copy(struct arena *arena, const void *data, size_t size);
/** Give all that @from holds to @to. */
void arena_join(struct arena *to, struct arena *from);
/** Forget all, and keep one block for what comes next. */
void arena_reset(struct arena *arena);
void arena_clear(struct arena *arena);

#endif /* BROOD_TOOLS_ARENA_H */
