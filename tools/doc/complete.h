#ifndef BROOD_TOOLS_DOC_COMPLETE_H
#define BROOD_TOOLS_DOC_COMPLETE_H

/* complete - what a shell completes behind "brood". */

#include "text.h"

void complete_bash(struct text *out);
void complete_zsh(struct text *out);
void complete_fish(struct text *out);

#endif /* BROOD_TOOLS_DOC_COMPLETE_H */
