/* spew BYTES [STREAM [CHUNK]]: write that much of the pattern to a stream. */
#include "child.h"
#include "pattern.h"

enum {
    CHUNK_DEFAULT = 4096,
    CHUNK_MAX = 1 << 20,
};

static unsigned char chunk[CHUNK_MAX];

int main(int argc, char **argv)
{
    uint64_t bytes = (uint64_t)child_number(argv, 1, 0);
    int stream = (int)child_number(argv, 2, STDOUT_FILENO);
    size_t room = (size_t)child_number(argv, 3, CHUNK_DEFAULT);

    (void)argc;
    if (room == 0 || room > CHUNK_MAX) {
        return 99;
    }
    for (uint64_t at = 0; at < bytes;) {
        size_t size = bytes - at < room ? (size_t)(bytes - at) : room;

        pattern_fill(chunk, size, at);
        child_write(stream, chunk, size);
        at += size;
    }
    return 0;
}
