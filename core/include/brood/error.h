#ifndef BROOD_ERROR_H
#define BROOD_ERROR_H

/* Errors and the version of the library. */

#include "brood/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The version of these headers, as in brood_version(). */
#define BROOD_VERSION "0.1.0"

/**
 * Name an error in words, in lower case, without a full stop.
 *
 * @error  a negative errno value as returned here; positive ones are taken too.
 *
 * Returns:   a text, never NULL: "no such file or directory", "unknown error".
 * Errors:    none.
 * Ownership: the text is static.
 * Threads:   any thread.
 */
BROOD_API const char *brood_strerror(int error);

/**
 * Tell the version of the library that is running.
 *
 * Returns:   "MAJOR.MINOR.PATCH".
 * Errors:    none.
 * Ownership: the text is static.
 * Threads:   any thread.
 */
BROOD_API const char *brood_version(void);

#ifdef __cplusplus
}
#endif

#endif /* BROOD_ERROR_H */
