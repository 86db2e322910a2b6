#include "batch/texts.h"

#include <errno.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void texts_init(struct texts *texts, int fd)
{
    *texts = (struct texts){ .fd = fd };
    spill_init(&texts->spill, NULL);
}

void texts_clear(struct texts *texts)
{
    spill_clear(&texts->spill);
    text_clear(&texts->read);
}

int texts_add(struct texts *texts,
              const char *line,
              size_t size,
              uint64_t at,
              struct text_place *ret)
{
    *ret = (struct text_place){ .at = at,
                                .hash = XXH3_64bits(line, size),
                                .size = size };
    return texts->fd >= 0 ? 0 : spill_put(&texts->spill, line, size, &ret->at);
}

void texts_forget(struct texts *texts, const struct text_place *place)
{
    if (texts->fd < 0) {
        spill_free(&texts->spill, place->at, place->size);
    }
}

static int read_file(int fd, uint64_t at, char *to, size_t size)
{
    size_t have = 0;

    while (have < size) {
        ssize_t n = pread(fd, to + have, size - have, (off_t)(at + have));

        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n == 0) {
            return -ESTALE;
        }
        have += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int texts_read(struct texts *texts,
               const struct text_place *place,
               const char **ret)
{
    char *to;
    int r;

    text_reset(&texts->read);
    to = text_reserve(&texts->read, place->size);
    r = texts->fd >= 0 ? read_file(texts->fd, place->at, to, place->size)
                       : spill_get(&texts->spill, place->at, to, place->size);
    if (r < 0) {
        return r;
    }
    *ret = to;
    return XXH3_64bits(to, place->size) == place->hash ? 0 : -ESTALE;
}
