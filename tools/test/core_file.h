#ifndef BROOD_TOOLS_TEST_CORE_FILE_H
#define BROOD_TOOLS_TEST_CORE_FILE_H

/* core_file - what a core says of the process that dumped it: core(5). */

/** Read the process id from the notes of a core of this machine's byte order.
 * The file may be torn, and may be written to meanwhile. Returns: the id; 0 if
 * it is not there; or a negative errno if the file cannot be read. */
int core_file_pid(const char *path);

#endif /* BROOD_TOOLS_TEST_CORE_FILE_H */
