#ifndef BROOD_TOOLS_JSON_H
#define BROOD_TOOLS_JSON_H

/* json - strings and times as JSON (RFC 8259) has them. */

#include <stddef.h>
#include <stdint.h>

#include "text.h"

/** Add a string with its quotes. @data must be UTF-8. */
void json_add_string(struct text *out, const char *data, size_t size);
/** The same of any bytes: U+FFFD stands for each that is not UTF-8. */
void json_add_lossy(struct text *out, const char *data, size_t size);
/** Add "name":"text", or "name_base64":"..." if the text is not UTF-8. */
void json_add_text(struct text *out,
                   const char *name,
                   const char *data,
                   size_t size);
/** Add a time as a member in seconds, behind a comma: ,"name":12.345678 */
void json_add_seconds(struct text *out, const char *name, int64_t ns);

#endif /* BROOD_TOOLS_JSON_H */
