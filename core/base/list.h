#ifndef BROOD_BASE_LIST_H
#define BROOD_BASE_LIST_H

/*
 * list - a doubly linked ring inside the structs that it links.
 *
 * The head is a struct list that points to itself when empty. A link that is
 * in no list points to itself too, so removing it twice does no harm.
 */

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next;
    struct list *prev;
};

/** The struct of @type whose member @member is at @link. */
#define LIST_ENTRY(link, type, member) \
    ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void list_init(struct list *l)
{
    l->next = l;
    l->prev = l;
}

static inline bool list_is_empty(const struct list *l)
{
    return l->next == l;
}

static inline void list_add_before(struct list *at, struct list *l)
{
    l->next = at;
    l->prev = at->prev;
    at->prev->next = l;
    at->prev = l;
}

/** Put @l at the end of @head. */
static inline void list_append(struct list *head, struct list *l)
{
    list_add_before(head, l);
}

/** Put @l at the front of @head. */
static inline void list_prepend(struct list *head, struct list *l)
{
    list_add_before(head->next, l);
}

static inline void list_remove(struct list *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    list_init(l);
}

/** The first link, or NULL. */
static inline struct list *list_first(const struct list *head)
{
    return list_is_empty(head) ? NULL : head->next;
}

#endif /* BROOD_BASE_LIST_H */
