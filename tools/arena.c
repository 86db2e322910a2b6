#include "arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum {
    BLOCK_SIZE = 16 * 1024,
    ALIGNED = alignof(max_align_t),
};

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t room;
    alignas(max_align_t) char bytes[];
};

static struct arena_block *add_block(struct arena *arena, size_t size)
{
    size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    struct arena_block *block = malloc(sizeof(*block) + room);

    if (block == NULL) {
        text_no_memory();
    }
    *block = (struct arena_block){ .next = arena->blocks, .room = room };
    arena->blocks = block;
    return block;
}

void *arena_take(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->blocks;
    size_t whole = (size + ALIGNED - 1) / ALIGNED * ALIGNED;

    if (block == NULL || block->room - block->used < whole) {
        block = add_block(arena, whole);
    }
    block->used += whole;
    return block->bytes + block->used - whole;
}

char *arena_copy(struct arena *arena, const void *data, size_t size)
{
    char *copy = arena_take(arena, size + 1);

    if (size > 0) {
        memcpy(copy, data, size);
    }
    copy[size] = '\0';
    return copy;
}

void arena_join(struct arena *to, struct arena *from)
{
    struct arena_block **last = &from->blocks;

    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = to->blocks;
    to->blocks = from->blocks;
    from->blocks = NULL;
}

void arena_reset(struct arena *arena)
{
    struct arena_block *block = arena->blocks;

    if (block == NULL) {
        return;
    }
    while (block->next != NULL) {
        struct arena_block *next = block->next;

        block->next = next->next;
        free(next);
    }
    if (block->room > BLOCK_SIZE) {
        free(block); /* It was made for one line that was large. */
        arena->blocks = NULL;
        return;
    }
    block->used = 0;
}

void arena_clear(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *next = arena->blocks->next;

        free(arena->blocks);
        arena->blocks = next;
    }
}
