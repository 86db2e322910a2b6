/*
 * outputs - what jobs wrote: small outputs in the database, large ones as files
 * in STORE-outputs/, each under the name of its content, so that the same bytes
 * are there once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "file.h"
#include "store/inside.h"

enum {
    INLINE_MAX_BYTES = 64 * 1024,
    PIECE_SIZE = 256 * 1024,
    NAME_SIZE = 40,
    NAMES_TRIED = 100,
};

static int fail_file(struct store *store, const char *doing, int error)
{
    text_reset(&store->error);
    text_add_format(&store->error, "cannot %s '%s-outputs': %s", doing,
                    store->path, brood_strerror(error));
    return error;
}

static int open_dir(struct store *store)
{
    struct text path = { 0 };
    int r = 0;

    if (store->outputs_fd >= 0) {
        return 0;
    }
    text_add_format(&path, "%s-outputs", store->path);
    if (mkdir(text_string(&path), 0700) < 0 && errno != EEXIST) {
        r = -errno;
    } else {
        store->outputs_fd =
            open(text_string(&path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = store->outputs_fd < 0 ? -errno : 0;
    }
    text_clear(&path);
    return r < 0 ? fail_file(store, "make", r) : 0;
}

/* Copy an output to a file, and name its content. */
static int copy(int fd, const struct brood_output *output, char *ret_name)
{
    XXH3_state_t *state = XXH3_createState();
    char *piece = malloc(PIECE_SIZE);
    XXH128_canonical_t hash;
    uint64_t at = 0;
    int r = 0;

    if (state == NULL || piece == NULL) {
        text_no_memory();
    }
    (void)XXH3_128bits_reset(state);
    while (at < output->size_bytes && r == 0) {
        ssize_t n = brood_output_read(output, at, piece, PIECE_SIZE);

        if (n <= 0) {
            r = n < 0 ? (int)n : -EIO;
            break;
        }
        (void)XXH3_128bits_update(state, piece, (size_t)n);
        r = file_write_all(fd, piece, (size_t)n);
        at += (uint64_t)n;
    }
    XXH128_canonicalFromHash(&hash, XXH3_128bits_digest(state));
    for (size_t i = 0; i < sizeof(hash.digest); i++) {
        (void)snprintf(ret_name + 2 * i, 3, "%02x", hash.digest[i]);
    }
    free(piece);
    (void)XXH3_freeState(state);
    return r;
}

/* In one step, so that a file of that name always is whole. */
static int link_as(int dir, int fd, const char *name)
{
    char path[64];

    if (fdatasync(fd) < 0) {
        return -errno;
    }
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, path, dir, name, AT_SYMLINK_FOLLOW) < 0 &&
        errno != EEXIST) {
        return -errno;
    }
    return fsync(dir) < 0 ? -errno : 0;
}

/* Where files cannot be made without a name: under one that is not taken, which
 * is changed when the content is there. */
static int open_named(struct store *store, char *ret_path, size_t size)
{
    int fd = -1;

    for (int i = 0; fd < 0 && i < NAMES_TRIED; i++) {
        (void)snprintf(ret_path, size, ".%s-%d", store->run_id, i);
        fd = openat(store->outputs_fd, ret_path,
                    O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST) {
            break;
        }
    }
    return fd;
}

static int rename_as(int dir, int fd, const char *path, const char *name)
{
    if (fdatasync(fd) < 0 || renameat(dir, path, dir, name) < 0 ||
        fsync(dir) < 0) {
        return -errno;
    }
    return 0;
}

static int open_unnamed(struct store *store)
{
    if (store->has_names_only) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return openat(store->outputs_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static int keep_file(struct store *store,
                     const struct brood_output *output,
                     char *ret_name)
{
    char path[STORE_RUN_ID_SIZE + NAME_SIZE] = "";
    int fd;
    int r = open_dir(store);

    if (r < 0) {
        return r;
    }
    fd = open_unnamed(store);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
        store->has_names_only = true;
        fd = open_named(store, path, sizeof(path));
    }
    if (fd < 0) {
        return fail_file(store, "write to", -errno);
    }
    r = copy(fd, output, ret_name);
    if (r == 0) {
        r = *path == '\0' ? link_as(store->outputs_fd, fd, ret_name)
                          : rename_as(store->outputs_fd, fd, path, ret_name);
    }
    if (r < 0 && *path != '\0') {
        (void)unlinkat(store->outputs_fd, path, 0);
    }
    (void)close(fd);
    return r < 0 ? fail_file(store, "write to", r) : 0;
}

/* The bytes of a small output that is in a file. */
static int read_small(struct store *store,
                      const struct brood_output *output,
                      char *ret)
{
    uint64_t at = 0;

    while (at < output->size_bytes) {
        ssize_t n = brood_output_read(output, at, ret + at,
                                      (size_t)(output->size_bytes - at));

        if (n <= 0) {
            return store_fail(store, n < 0 ? (int)n : -EIO,
                              "cannot read the output of a job");
        }
        at += (uint64_t)n;
    }
    return 0;
}

static int add(struct store *store,
               int64_t result,
               int stream,
               const struct brood_output *output)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_OUTPUT);
    char name[NAME_SIZE];
    char *data = NULL;
    int r = 0;

    if (statement == NULL) {
        return store_fail_db(store, "write to");
    }
    (void)sqlite3_clear_bindings(statement);
    (void)sqlite3_bind_int64(statement, 1, result);
    (void)sqlite3_bind_int(statement, 2, stream);
    (void)sqlite3_bind_int64(statement, 3, (int64_t)output->size_bytes);
    (void)sqlite3_bind_int64(statement, 4, (int64_t)output->lost_bytes);
    if (output->size_bytes > INLINE_MAX_BYTES) {
        r = keep_file(store, output, name);
        (void)sqlite3_bind_text(statement, 6, name, -1, SQLITE_STATIC);
    } else if (output->data != NULL) {
        (void)sqlite3_bind_blob(statement, 5, output->data,
                                (int)output->size_bytes, SQLITE_STATIC);
    } else {
        data = malloc(INLINE_MAX_BYTES);
        if (data == NULL) {
            text_no_memory();
        }
        r = read_small(store, output, data);
        (void)sqlite3_bind_blob(statement, 5, data, (int)output->size_bytes,
                                SQLITE_STATIC);
    }
    if (r == 0) {
        r = store_step(store, statement, "write to");
    }
    (void)sqlite3_clear_bindings(statement);
    free(data);
    return r;
}

int store_add_outputs(struct store *store,
                      int64_t result,
                      const struct brood_result *of)
{
    int r = 0;

    if (of->out.size_bytes > 0 || of->out.lost_bytes > 0) {
        r = add(store, result, 1, &of->out);
    }
    if (r == 0 && (of->err.size_bytes > 0 || of->err.lost_bytes > 0)) {
        r = add(store, result, 2, &of->err);
    }
    return r;
}
