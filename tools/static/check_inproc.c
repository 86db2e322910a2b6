/* Does a static libzmq work here? Exits with 0 if a message comes through. */

#include <stdlib.h>
#include <zmq.h>

int main(void)
{
    static const char endpoint[] = "inproc://check";
    void *context = zmq_ctx_new();
    void *a = zmq_socket(context, ZMQ_PAIR);
    void *b = zmq_socket(context, ZMQ_PAIR);
    char got = 0;

    if (zmq_bind(a, endpoint) != 0 || zmq_connect(b, endpoint) != 0 ||
        zmq_send(a, "x", 1, 0) != 1 || zmq_recv(b, &got, 1, 0) != 1) {
        return EXIT_FAILURE;
    }
    (void)zmq_close(a);
    (void)zmq_close(b);
    (void)zmq_ctx_term(context);
    return got == 'x' ? EXIT_SUCCESS : EXIT_FAILURE;
}
