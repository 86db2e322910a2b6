#ifndef BROOD_TOOLS_SUITE_JSON_TREE_H
#define BROOD_TOOLS_SUITE_JSON_TREE_H

/* json_tree - what other programs say of tests, in JSON: read by yajl. */

#include <yajl/yajl_tree.h>

#include "suite/suite.h"

/** Read a whole text. Returns: it, for yajl_tree_free(); NULL and why. */
yajl_val json_tree_parse(const char *text, struct text *error);
/** Read a file. The same. */
yajl_val json_tree_read(const char *path, struct text *error);
/** A member of an object, or NULL. */
yajl_val json_tree_get(yajl_val object, const char *name);
/** A member that is a string; else NULL. */
const char *json_tree_string(yajl_val object, const char *name);
/** An array of strings as words; what is no string is left out. */
struct suite_words json_tree_words(struct suite *suite, yajl_val array);

#endif /* BROOD_TOOLS_SUITE_JSON_TREE_H */
