#ifndef BROOD_TOOLS_TEST_RIVAL_H
#define BROOD_TOOLS_TEST_RIVAL_H

/*
 * rival - programs that trace themselves, and fail when someone else does.
 *
 * LeakSanitizer is one, and AddressSanitizer brings it along: at the program's
 * end a child of it attaches to each thread.
 */

#include <stdbool.h>
#include <sys/types.h>

/** Whether the program that a process runs is one, and its environment does
 * not switch that off. That it cannot be read means no. */
bool rival_is_in(pid_t pid);

#endif /* BROOD_TOOLS_TEST_RIVAL_H */
