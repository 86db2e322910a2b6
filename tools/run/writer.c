#include "run/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/terminal.h"

enum {
    BUFFER_SIZE = 64 * 1024
};

void writer_init(struct writer *writer)
{
    *writer = (struct writer){
        .streams = { { .fd = STDOUT_FILENO, .no_wait_fd = -1 },
                     { .fd = STDERR_FILENO, .no_wait_fd = -1 } },
        .current = WRITER_OUT,
        .wake_fd = -1,
    };
}

void writer_clear(struct writer *writer)
{
    for (int i = 0; i < 2; i++) {
        if (writer->streams[i].no_wait_fd >= 0) {
            (void)close(writer->streams[i].no_wait_fd);
            writer->streams[i].no_wait_fd = -1;
        }
    }
    text_clear(&writer->buffer);
    text_clear(&writer->taken);
}

/* Find out how to write to a stream without being stuck there. Its own flags
 * must not be changed: others share them. */
static void look_at(struct writer_stream *stream)
{
    char path[32];
    struct stat st;

    stream->kind = STREAM_PLAIN;
    if (fstat(stream->fd, &st) < 0) {
        return;
    }
    if (S_ISSOCK(st.st_mode)) {
        stream->kind = STREAM_SOCKET;
    } else if (S_ISFIFO(st.st_mode) || isatty(stream->fd)) {
        stream->kind = STREAM_PIPE;
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", stream->fd);
        stream->no_wait_fd =
            open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    }
}

/* Wait until a stream takes bytes again, or the program is told to stop. */
static void wait_for(struct writer *writer, const struct writer_stream *stream)
{
    struct pollfd fds[2] = {
        { .fd = stream->fd, .events = POLLOUT },
        { .fd = writer->wake_fd, .events = POLLIN },
    };

    if (poll(fds, 2, -1) > 0 && (fds[1].revents & POLLIN) != 0 &&
        writer->on_wake != NULL) {
        writer->on_wake(writer->user);
    }
}

static ssize_t write_some(struct writer *writer,
                          struct writer_stream *stream,
                          const char *data,
                          size_t size)
{
    switch (stream->kind) {
    case STREAM_SOCKET:
        return send(stream->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    case STREAM_PIPE:
        if (stream->no_wait_fd >= 0) {
            return write(stream->no_wait_fd, data, size);
        }
        /* A pipe that says it is ready takes this much without waiting. */
        wait_for(writer, stream);
        if (writer->abandoned) {
            return 0;
        }
        return write(stream->fd, data, size < PIPE_BUF ? size : PIPE_BUF);
    case STREAM_UNKNOWN:
    case STREAM_PLAIN:
    default:
        return write(stream->fd, data, size);
    }
}

static void write_all(struct writer *writer,
                      struct writer_stream *stream,
                      const char *data,
                      size_t size)
{
    if (stream->kind == STREAM_UNKNOWN) {
        look_at(stream);
    }
    if (writer->on_write != NULL) {
        writer->on_write(writer->user);
    }
    writer->busy = true;
    while (size > 0 && stream->error == 0 && !writer->abandoned) {
        ssize_t n = write_some(writer, stream, data, size);

        if (n >= 0) {
            data += n;
            size -= (size_t)n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            wait_for(writer, stream);
        } else if (errno != EINTR) {
            stream->error = -errno;
        }
    }
    writer->busy = false;
}

void writer_flush(struct writer *writer)
{
    struct text taken = writer->buffer;

    if (taken.size > 0) {
        writer->buffer = writer->taken;
        writer->taken = taken;
        text_reset(&writer->buffer);
        write_all(writer, &writer->streams[writer->current - 1], taken.data,
                  taken.size);
    }
}

void writer_put_now(struct writer *writer, const void *data, size_t size)
{
    struct writer_stream *stream = &writer->streams[WRITER_ERR - 1];

    if (stream->kind == STREAM_UNKNOWN) {
        look_at(stream);
    }
    if (stream->kind == STREAM_PIPE && stream->no_wait_fd >= 0) {
        (void)!write(stream->no_wait_fd, data, size);
    } else if (stream->kind == STREAM_SOCKET) {
        (void)send(stream->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    } else {
        (void)!write(stream->fd, data, size);
    }
}

void writer_say(struct writer *writer,
                const char *who,
                const char *format,
                va_list args)
{
    struct text line = { 0 };
    char *message = NULL;
    int size = vasprintf(&message, format, args);

    if (size < 0) {
        text_no_memory();
    }
    text_add_format(&line, "%s: ", who);
    terminal_add_plain(&line, message);
    text_add_char(&line, '\n');
    free(message);
    if (writer->busy) {
        writer_put_now(writer, line.data, line.size);
    } else {
        writer_put(writer, WRITER_ERR, line.data, line.size);
    }
    text_clear(&line);
}

static void change_to(struct writer *writer, int stream)
{
    if (writer->current != stream) {
        writer_flush(writer);
        writer->current = stream;
    }
}

void writer_put(struct writer *writer,
                int stream,
                const void *data,
                size_t size)
{
    if (size == 0) {
        return;
    }
    change_to(writer, stream);
    if (writer->buffer.size + size > BUFFER_SIZE) {
        writer_flush(writer);
    }
    if (size >= BUFFER_SIZE) {
        write_all(writer, &writer->streams[stream - 1], data, size);
    } else {
        text_add(&writer->buffer, data, size);
    }
}

/* A plain file takes it all without our seeing a byte. */
static bool copy_plain(struct writer_stream *stream,
                       const struct brood_output *output)
{
    if (stream->kind == STREAM_UNKNOWN) {
        look_at(stream);
    }
    if (stream->kind != STREAM_PLAIN || stream->error < 0) {
        return false;
    }
    stream->error = brood_output_write(output, stream->fd);
    return true;
}

int writer_copy(struct writer *writer,
                int stream,
                const struct brood_output *output)
{
    uint64_t at = 0;
    int64_t n = 0;

    if (output->data != NULL) {
        writer_put(writer, stream, output->data, (size_t)output->size_bytes);
        return 0;
    }
    if (writer->abandoned) {
        return 0;
    }
    change_to(writer, stream);
    writer_flush(writer);
    if (copy_plain(&writer->streams[stream - 1], output)) {
        return 0;
    }
    while (at < output->size_bytes && !writer->abandoned &&
           writer->streams[stream - 1].error == 0) {
        n = brood_output_read(output, at,
                              text_reserve(&writer->buffer, BUFFER_SIZE),
                              BUFFER_SIZE);
        if (n <= 0) {
            break;
        }
        writer->buffer.size = (size_t)n;
        writer_flush(writer);
        at += (uint64_t)n;
    }
    return n < 0 ? (int)n : 0;
}

int writer_error(const struct writer *writer)
{
    return writer->streams[WRITER_OUT - 1].error;
}
