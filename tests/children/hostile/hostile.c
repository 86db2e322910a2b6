/*
 * hostile - a forked child that does not keep to the protocol.
 *
 * usage: hostile MODE (see modes[] below)
 *
 * It speaks to the socket itself. What it has done, it has done once and for
 * all: it stays, until it is ended, in the modes that do not say otherwise.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "../child.h"

enum {
    HELLO = 128,
    DATA,
    ACK,
    BYE,
    VERSION = 1,
    HEADER_SIZE = 16,
    MAGIC = 0x44555242,
    ROOM = 8 << 20,
    SMALL = 5,
    TWICE = 100,
    HUGE_LENGTH = 0x7ffffff0,
};

static uint8_t frame[ROOM];
static size_t used;
static void *context;
static void *socket_a;
static const char *endpoint;

static void must(bool good, const char *what)
{
    if (!good) {
        perror(what);
        exit(EXIT_FAILURE);
    }
}

static void set(size_t at, unsigned n, uint64_t value)
{
    for (unsigned i = 0; i < n; i++) {
        frame[at + i] = (uint8_t)(value >> (8 * i));
    }
}

static void put(unsigned n, uint64_t value)
{
    set(used, n, value);
    used += n;
}

static void begin(unsigned type, uint32_t count)
{
    used = 0;
    put(4, MAGIC);
    put(2, VERSION);
    put(2, type);
    put(4, count);
    put(4, 0);
}

static void end(void)
{
    set(HEADER_SIZE - 4, 4, used - HEADER_SIZE);
}

static void send_flags(void *socket, int flags)
{
    must(zmq_send(socket, frame, used, flags) >= 0, "zmq_send");
}

static void send_frame(void)
{
    send_flags(socket_a, 0);
}

static void make_hello(uint32_t version, uint64_t window)
{
    begin(HELLO, 1);
    put(4, 24);
    put(4, version);
    put(4, (uint64_t)getpid());
    put(8, window);
    put(8, UINT64_C(64) << 20);
    end();
}

static void hello(void)
{
    make_hello(1, UINT64_C(4) << 20);
    send_frame();
}

static void put_message(uint8_t kind, size_t size)
{
    put(4, 1 + size);
    put(1, kind);
    used += size;
}

static void make_data(uint64_t first, uint32_t messages, size_t size)
{
    begin(DATA, 1 + messages);
    put(4, 8);
    put(8, first);
    for (uint32_t i = 0; i < messages; i++) {
        put_message(0, size);
    }
    end();
}

static void say(uint64_t from, uint64_t n, size_t size)
{
    for (uint64_t i = 0; i < n; i++) {
        make_data(from + i, 1, size);
        send_frame();
    }
}

static void say_number(unsigned type, uint64_t number)
{
    begin(type, 1);
    put(4, 8);
    put(8, number);
    end();
    send_frame();
}

/* Take frames until one of this type has come. */
static void hear(unsigned type)
{
    uint8_t head[HEADER_SIZE];

    do {
        must(zmq_recv(socket_a, head, sizeof(head), 0) >= HEADER_SIZE, "recv");
    } while (head[6] != type);
}

static void *watch(void *socket, const char *name, int event)
{
    void *monitor = zmq_socket(context, ZMQ_PAIR);

    must(zmq_socket_monitor(socket, name, event) == 0 &&
             zmq_connect(monitor, name) == 0,
         "monitor");
    return monitor;
}

static void *join(void *socket)
{
    must(zmq_connect(socket, endpoint) == 0, "zmq_connect");
    return socket;
}

static void send_garbage(void *socket)
{
    used = 0;
    for (int i = 0; i < 64; i++) {
        put(4, UINT32_C(2654435761) * (uint32_t)i);
    }
    send_flags(socket, 0);
}

static void wait_for(void *monitor)
{
    uint8_t event[6];

    must(zmq_recv(monitor, event, sizeof(event), 0) > 0, "event");
}

static void do_garbage(void)
{
    send_garbage(socket_a);
}

static void do_short(void)
{
    begin(HELLO, 1);
    used = SMALL;
    send_frame();
}

static void do_magic(void)
{
    make_hello(1, UINT64_C(4) << 20);
    set(0, 4, MAGIC + 1);
    send_frame();
}

static void do_version(void)
{
    make_hello(1, UINT64_C(4) << 20);
    set(4, 2, VERSION + 1);
    send_frame();
}

static void do_link_version(void)
{
    make_hello(2, UINT64_C(4) << 20);
    send_frame();
}

static void do_no_window(void)
{
    make_hello(1, 0);
    send_frame();
}

static void do_early(void)
{
    say(1, 1, SMALL);
}

static void do_hello_twice(void)
{
    hello();
    hello();
}

static void do_number(void)
{
    hello();
    say(7, 1, SMALL);
}

static void do_ack(void)
{
    hello();
    say_number(ACK, 1);
}

static void do_bye(void)
{
    hello();
    say_number(BYE, 1);
}

static void do_type(void)
{
    hello();
    say_number(BYE + 1, 1);
}

static void do_kind(void)
{
    hello();
    begin(DATA, 2);
    put(4, 8);
    put(8, 1);
    put_message(9, SMALL);
    end();
    send_frame();
}

static void do_record(void)
{
    hello();
    make_data(1, 1, SMALL);
    set(HEADER_SIZE + 12, 4, HUGE_LENGTH);
    send_frame();
}

static void do_cut(void)
{
    hello();
    make_data(1, 1, 1000);
    used /= 2;
    send_frame();
}

static void do_parts(void)
{
    make_hello(1, UINT64_C(4) << 20);
    send_flags(socket_a, ZMQ_SNDMORE);
    used = SMALL;
    send_frame();
}

static void do_message(void)
{
    hello();
    say(1, 1, 2000);
}

static void do_window(void)
{
    hello();
    make_data(1, 2, 3 << 20);
    send_frame();
}

static void do_frame(void)
{
    hello();
    hear(HELLO);
    say(1, 1, 2 << 20);
}

/* Hangs up without a word, and lives on. */
static void do_leave(void)
{
    hello();
    hear(HELLO);
    say(1, TWICE, SMALL);
    (void)zmq_close(socket_a);
}

/* Takes nothing, not even what is said of its messages. */
static void do_flood(void)
{
    hello();
    say(1, UINT64_MAX, 1000);
}

/* Keeps to the protocol. */
static void do_much(void)
{
    hello();
    hear(HELLO);
    for (uint64_t i = 1;; i++) {
        say(i, 1, 1000);
        hear(ACK);
    }
}

static void do_second_before(void)
{
    void *b = zmq_socket(context, ZMQ_PAIR);
    void *monitor = watch(b, "inproc://b", ZMQ_EVENT_HANDSHAKE_SUCCEEDED);

    (void)join(b);
    wait_for(monitor);
    send_garbage(b);
    hello();
    say(1, TWICE, SMALL);
}

static void do_second_after(void)
{
    void *b = zmq_socket(context, ZMQ_PAIR);

    hello();
    hear(HELLO);
    (void)join(b);
    send_garbage(b);
    say(1, 1, SMALL);
    hear(ACK);
    say(2, TWICE - 1, SMALL);
}

static void do_nothing(void)
{
}

static void do_other_socket(void)
{
    (void)join(zmq_socket(context, ZMQ_DEALER));
}

struct mode {
    const char *name;
    void (*run)(void);
    bool joins_itself;
};

static const struct mode modes[] = {
    { "garbage", do_garbage, false },
    { "short", do_short, false },
    { "magic", do_magic, false },
    { "version", do_version, false },
    { "link-version", do_link_version, false },
    { "no-window", do_no_window, false },
    { "early", do_early, false },
    { "hello-twice", do_hello_twice, false },
    { "number", do_number, false },
    { "ack", do_ack, false },
    { "bye", do_bye, false },
    { "type", do_type, false },
    { "kind", do_kind, false },
    { "record", do_record, false },
    { "cut", do_cut, false },
    { "parts", do_parts, false },
    { "message", do_message, false },
    { "window", do_window, false },
    { "frame", do_frame, false },
    { "leave", do_leave, false },
    { "flood", do_flood, false },
    { "much", do_much, false },
    { "second-before", do_second_before, false },
    { "second-after", do_second_after, false },
    { "nothing", do_nothing, false },
    { "other-socket", do_other_socket, true },
};

static void open_channel(const struct mode *mode)
{
    void *monitor;

    endpoint = getenv("BROOD_CHANNEL");
    must(endpoint != NULL, "BROOD_CHANNEL");
    context = zmq_ctx_new();
    must(context != NULL, "zmq_ctx_new");
    if (!mode->joins_itself) {
        socket_a = zmq_socket(context, ZMQ_PAIR);
        monitor =
            watch(socket_a, "inproc://joined", ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
        (void)join(socket_a);
        wait_for(monitor);
        (void)zmq_socket_monitor(socket_a, NULL, 0);
        (void)zmq_close(monitor);
    }
}

int main(int argc, char **argv)
{
    const char *lifeline = getenv("BROOD_LIFELINE");
    struct pollfd end_of_parent = { .events = POLLIN };

    (void)alarm(CHILD_LIFE_S);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (argc == 2 && lifeline != NULL &&
            strcmp(argv[1], modes[i].name) == 0) {
            open_channel(&modes[i]);
            modes[i].run();
            /* Till the parent ends, or ends us. */
            end_of_parent.fd = (int)strtol(lifeline, NULL, 10);
            (void)poll(&end_of_parent, 1, -1);
            _exit(EXIT_SUCCESS);
        }
    }
    return EXIT_FAILURE;
}
