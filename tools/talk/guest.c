#include "talk/guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PIECE = 1 << 16,
};

/* More than any channel takes. */
#define BODY_MAX (UINT64_C(1) << 32)

struct guest *guest_new(int fd)
{
    struct guest *guest = calloc(1, sizeof(*guest));

    if (guest == NULL) {
        text_no_memory();
    }
    guest->fd = fd;
    return guest;
}

struct guest *guest_free(struct guest *guest)
{
    struct guest *next = guest->next;

    (void)close(guest->fd);
    text_clear(&guest->body);
    text_clear(&guest->answer);
    free(guest);
    return next;
}

/* Returns: how many bytes; 0: none now, or the guest is gone. */
static size_t take(struct guest *guest, void *to, size_t size)
{
    ssize_t n = recv(guest->fd, to, size, MSG_DONTWAIT);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        guest->state = GUEST_IS_GONE;
    }
    return n > 0 ? (size_t)n : 0;
}

static bool take_head(struct guest *guest)
{
    guest->head_got += take(guest, (char *)&guest->head + guest->head_got,
                            sizeof(guest->head) - guest->head_got);
    if (guest->head_got == sizeof(guest->head) && guest->head.size > BODY_MAX) {
        guest->state = GUEST_IS_GONE;
    }
    return guest->head_got == sizeof(guest->head);
}

static void hear_question(struct guest *guest)
{
    if (guest->head_got < sizeof(guest->head) && !take_head(guest)) {
        return;
    }
    while (guest->state == GUEST_ASKS && guest->body.size < guest->head.size) {
        uint64_t left = guest->head.size - guest->body.size;
        size_t size = left < PIECE ? (size_t)left : PIECE;
        size_t n = take(guest, text_reserve(&guest->body, size), size);

        guest->body.size += n;
        if (n == 0) {
            return;
        }
    }
    if (guest->state == GUEST_ASKS) {
        guest->state = GUEST_WAITS;
    }
}

static void tell_answer(struct guest *guest)
{
    while (guest->written < guest->answer.size) {
        ssize_t n = send(guest->fd, guest->answer.data + guest->written,
                         guest->answer.size - guest->written,
                         MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR) {
            if (errno != EAGAIN) {
                guest->state = GUEST_IS_GONE;
            }
            return;
        }
        guest->written += n > 0 ? (size_t)n : 0;
    }
    guest->has_message = false;
    guest->head_got = 0;
    guest->written = 0;
    text_reset(&guest->body);
    text_reset(&guest->answer);
    guest->state = GUEST_ASKS;
}

void guest_go_on(struct guest *guest)
{
    char byte;

    if (guest->state == GUEST_HEARS) {
        tell_answer(guest);
    }
    if (guest->state == GUEST_ASKS) {
        hear_question(guest);
    }
    if (guest->state == GUEST_WAITS &&
        recv(guest->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0) {
        guest->state = GUEST_IS_GONE;
    }
}

void guest_answer(struct guest *guest, int status, const struct text *data)
{
    struct talk_head head = { .status = status };

    head.size = data == NULL ? 0 : data->size;
    guest->state = GUEST_HEARS;
    guest->has_message = data != NULL && guest->head.kind == TALK_RECV;
    text_add(&guest->answer, &head, sizeof(head));
    if (head.size > 0) {
        text_add(&guest->answer, data->data, data->size);
    }
    tell_answer(guest);
}
