#ifndef BROOD_TOOLS_BATCH_PATHS_H
#define BROOD_TOOLS_BATCH_PATHS_H

#include "text.h"

/** A path as a job in directory @dir means it; @dir may be NULL. */
void path_in(const char *dir, const char *path, struct text *out);

#endif /* BROOD_TOOLS_BATCH_PATHS_H */
