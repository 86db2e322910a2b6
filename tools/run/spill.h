#ifndef BROOD_TOOLS_RUN_SPILL_H
#define BROOD_TOOLS_RUN_SPILL_H

/*
 * spill - bytes that memory cannot hold, in one file without a name.
 *
 * The file is made when the first bytes come. What has been given back takes
 * no room on the disk where the file system knows holes.
 */

#include <stddef.h>
#include <stdint.h>

struct spill {
    /** NULL: TMPDIR, else /tmp. */
    const char *dir;
    /** -1 before the first use. */
    int fd;
    uint64_t end;
    uint64_t used;
};

void spill_init(struct spill *spill, const char *dir);
void spill_clear(struct spill *spill);

/** Returns:  0 and where the bytes are; or a negative errno of open(2) or
 *            write(2), and nothing was kept. */
int spill_put(struct spill *spill,
              const void *data,
              size_t size,
              uint64_t *ret_at);

/** Returns:  0, or a negative errno of read(2). */
int spill_get(const struct spill *spill, uint64_t at, void *data, size_t size);

/** Give bytes back. */
void spill_free(struct spill *spill, uint64_t at, uint64_t size);

#endif /* BROOD_TOOLS_RUN_SPILL_H */
