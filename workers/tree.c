#include "workers/tree.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum {
    NAMES_SIZE = 32 * 1024,
    FIRST_ROOM = 64,
};

/* Make room for one more item of a vector. */
static void *grow(void *items, size_t count, size_t item_size, size_t *room)
{
    size_t more = *room == 0 ? FIRST_ROOM : *room * 2;

    if (count < *room) {
        return items;
    }
    items = brood_realloc(items, more * item_size);
    if (items != NULL) {
        *room = more;
    }
    return items;
}

static bool is_number(const char *name)
{
    return name[0] != '\0' && name[strspn(name, "0123456789")] == '\0';
}

static int add_node(struct tree *tree, int proc, const char *name)
{
    struct tree_node node = { 0 };
    struct tree_node *nodes;

    if (!is_number(name) || tree_process_read(proc, name, &node.process) < 0) {
        return 0;
    }
    nodes = grow(tree->nodes, tree->count, sizeof(*nodes), &tree->room);
    if (nodes == NULL) {
        return -ENOMEM;
    }
    tree->nodes = nodes;
    nodes[tree->count] = node;
    tree->count++;
    return 0;
}

/* Returns: bytes of names that were read, 0 at the end, or a negative errno. */
static ssize_t add_some(struct tree *tree, int proc)
{
    ssize_t size = getdents64(proc, tree->names.data, tree->names.room);
    ssize_t at = 0;

    if (size < 0) {
        return -errno;
    }
    while (at < size) {
        const struct dirent64 *d = (const void *)(tree->names.data + at);
        int r = add_node(tree, proc, d->d_name);

        if (r < 0) {
            return r;
        }
        at += d->d_reclen;
    }
    return size;
}

static int by_pid(const void *a, const void *b)
{
    const struct tree_node *p = a;
    const struct tree_node *q = b;

    return (p->process.pid > q->process.pid) -
           (p->process.pid < q->process.pid);
}

static struct tree_node *find(const struct tree *tree, pid_t pid)
{
    const struct tree_node key = { .process.pid = pid };

    if (tree->count == 0) {
        return NULL;
    }
    return bsearch(&key, tree->nodes, tree->count, sizeof(key), by_pid);
}

static void link_children(struct tree *tree)
{
    if (tree->count > 1) {
        qsort(tree->nodes, tree->count, sizeof(*tree->nodes), by_pid);
    }
    /* From the end: each goes in front of its later siblings. */
    for (size_t i = tree->count; i > 0; i--) {
        struct tree_node *node = &tree->nodes[i - 1];
        struct tree_node *parent = find(tree, node->process.parent);

        if (parent != NULL) {
            node->sibling = parent->child;
            parent->child = i;
        }
    }
}

int tree_scan(struct tree *tree)
{
    ssize_t n = buf_reserve(&tree->names, NAMES_SIZE);
    int proc;

    tree->count = 0;
    if (n < 0) {
        return (int)n;
    }
    proc = tree_process_open();
    if (proc < 0) {
        return proc;
    }
    do {
        n = add_some(tree, proc);
    } while (n > 0);
    (void)close(proc);
    if (n < 0) {
        tree->count = 0;
        return (int)n;
    }
    link_children(tree);
    return 0;
}

void tree_clear(struct tree *tree)
{
    free(tree->nodes);
    buf_clear(&tree->names);
    *tree = (struct tree){ 0 };
}

static int add(struct tree_list *list, struct tree_node *node)
{
    struct tree_process *processes;

    if (node->listed || !tree_process_is_alive(&node->process)) {
        return 0;
    }
    processes =
        grow(list->processes, list->count, sizeof(*processes), &list->room);
    if (processes == NULL) {
        return -ENOMEM;
    }
    list->processes = processes;
    processes[list->count] = node->process;
    list->count++;
    node->listed = true;
    return 0;
}

static int add_children(struct tree *tree,
                        const struct tree_node *parent,
                        struct tree_list *list)
{
    for (size_t i = parent->child; i != 0; i = tree->nodes[i - 1].sibling) {
        int r = add(list, &tree->nodes[i - 1]);

        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int add_members(struct tree *tree, pid_t leader, struct tree_list *list)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct tree_process *p = &tree->nodes[i].process;

        if (p->group == leader || p->session == leader) {
            int r = add(list, &tree->nodes[i]);

            if (r < 0) {
                return r;
            }
        }
    }
    return 0;
}

static int add_around(struct tree *tree,
                      const struct tree_node *node,
                      struct tree_list *list)
{
    const struct tree_process *p = &node->process;
    int r = add_children(tree, node, list);

    if (r == 0 && (p->group == p->pid || p->session == p->pid)) {
        r = add_members(tree, p->pid, list);
    }
    return r;
}

/* The node of a listed process, or NULL if it was gone when the tree was made:
 * then its pid, and the group of that number, may be somebody else's. */
static struct tree_node *find_same(const struct tree *tree,
                                   const struct tree_process *p)
{
    struct tree_node *node = find(tree, p->pid);

    return node != NULL && tree_process_is_same(&node->process, p) ? node
                                                                   : NULL;
}

static void never_list(const struct tree *tree, pid_t pid)
{
    struct tree_node *node = find(tree, pid);

    if (node != NULL) {
        node->listed = true;
    }
}

static void mark_listed(struct tree *tree,
                        pid_t root,
                        const struct tree_list *list)
{
    for (size_t i = 0; i < tree->count; i++) {
        tree->nodes[i].listed = false;
    }
    for (size_t i = 0; i < list->count; i++) {
        struct tree_node *node = find_same(tree, &list->processes[i]);

        if (node != NULL) {
            node->listed = true;
        }
    }
    never_list(tree, root);
    never_list(tree, getpid());
}

int tree_collect(struct tree *tree, pid_t root, struct tree_list *list)
{
    const struct tree_node *node;
    size_t before = list->count;
    int r = 0;

    assert(root >= 0);
    mark_listed(tree, root, list);
    node = root > 0 ? find(tree, root) : NULL;
    if (node != NULL) {
        r = add_children(tree, node, list);
        if (r == 0) {
            r = add_members(tree, root, list);
        }
    }
    /* The list is the queue: what is added is looked at in its turn. */
    for (size_t i = 0; r == 0 && i < list->count; i++) {
        node = find_same(tree, &list->processes[i]);
        if (node != NULL) {
            r = add_around(tree, node, list);
        }
    }
    return r < 0 ? r : (int)(list->count - before);
}
