/*
 * It is known by the names of functions and libraries that the program shares
 * with others (ELF's dynamic symbols), which are few and are not stripped.
 */
#include "test/rival.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "text.h"

enum {
    PATH_SIZE = 64,
    SECTIONS_MAX = 4096,
    NAMES_MAX_BYTES = 16 << 20,
};

/* Of a part of a file. Returns: NULL, it is not there, or too long. */
static void *read_part(int fd, uint64_t at, uint64_t size)
{
    void *part = size == 0 || size > NAMES_MAX_BYTES ? NULL : malloc(size);

    if (part != NULL && pread(fd, part, size, (off_t)at) != (ssize_t)size) {
        free(part);
        part = NULL;
    }
    return part;
}

static bool has_name(const char *names, size_t size)
{
    static const char *const wanted[] = { "__lsan_", "__asan_init",
                                          "__hwasan_init", "liblsan.so" };

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (memmem(names, size, wanted[i], strlen(wanted[i])) != NULL) {
            return true;
        }
    }
    return false;
}

static bool has_rival(int fd, const ElfW(Shdr) * sections, size_t n)
{
    bool has = false;

    for (size_t i = 0; i < n && !has; i++) {
        const ElfW(Shdr) * strings;
        char *names;

        if (sections[i].sh_type != SHT_DYNSYM || sections[i].sh_link >= n) {
            continue;
        }
        strings = &sections[sections[i].sh_link];
        names = read_part(fd, strings->sh_offset, strings->sh_size);
        has = names != NULL && has_name(names, strings->sh_size);
        free(names);
    }
    return has;
}

/* Its options are words in variables of its environment. */
static bool is_switched_off(pid_t pid)
{
    static const char off[] = "detect_leaks=0";
    char path[PATH_SIZE];
    struct text environment = { 0 };
    bool is_off = false;

    (void)snprintf(path, sizeof(path), "/proc/%d/environ", pid);
    if (file_read(path, &environment) == 0) {
        is_off = memmem(text_string(&environment), environment.size, off,
                        strlen(off)) != NULL;
    }
    text_clear(&environment);
    return is_off;
}

bool rival_is_in(pid_t pid)
{
    char path[PATH_SIZE];
    ElfW(Ehdr) head;
    ElfW(Shdr) *sections = NULL;
    bool has = false;
    int fd;

    (void)snprintf(path, sizeof(path), "/proc/%d/exe", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    if (pread(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
        memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 &&
        head.e_shentsize == sizeof(*sections) && head.e_shnum < SECTIONS_MAX) {
        sections =
            read_part(fd, head.e_shoff, head.e_shnum * sizeof(*sections));
    }
    if (sections != NULL) {
        has = has_rival(fd, sections, head.e_shnum);
    }
    free(sections);
    (void)close(fd);
    return has && !is_switched_off(pid);
}
