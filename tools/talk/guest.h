#ifndef BROOD_TOOLS_TALK_GUEST_H
#define BROOD_TOOLS_TALK_GUEST_H

/* guest - a `brood send`, `recv` or `submit` that talks to the holder. */

#include <stdbool.h>

#include "talk/talk.h"

enum guest_state {
    /** Its question comes in. */
    GUEST_ASKS,
    /** Its message waits for room, or it for a message or reply. */
    GUEST_WAITS,
    /** Its answer goes out. */
    GUEST_HEARS,
    GUEST_IS_GONE,
};

struct guest {
    struct guest *next;
    int fd;
    enum guest_state state;
    struct talk_head head;
    size_t head_got;
    /** Of its question. */
    struct text body;
    /** What is still to be written. */
    struct text answer;
    size_t written;
    /** A message is in the answer: it must not be lost. */
    bool has_message;
    /** Its request is with the parent, with this id. */
    bool is_calling;
    uint64_t call;
};

struct guest *guest_new(int fd);
/** Returns: the next of the list. */
struct guest *guest_free(struct guest *guest);
/** Do what can be done without waiting. */
void guest_go_on(struct guest *guest);
/** Begin the answer. @data may be NULL. */
void guest_answer(struct guest *guest, int status, const struct text *data);

#endif /* BROOD_TOOLS_TALK_GUEST_H */
