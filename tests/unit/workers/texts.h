#ifndef BROOD_TESTS_UNIT_WORKERS_TEXTS_H
#define BROOD_TESTS_UNIT_WORKERS_TEXTS_H

/* texts - make message_texts from strings. */

#include "base/buf.h"
#include "proto/message.h"

/** Add strings up to a NULL to @b. Returns: the view, valid until @b grows. */
struct message_texts texts_of(struct buf *b, const char *const *strings);

#endif /* BROOD_TESTS_UNIT_WORKERS_TEXTS_H */
