/*
 * core_file - an ELF file whose first segment of notes has, near its start, one
 * that describes the process: NT_PRPSINFO.
 */
#include "test/core_file.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define OWN_DATA \
    (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB)

enum {
    /* Where struct elf_prpsinfo has pr_pid: with words of 8 bytes; of 4; and of
     * 4 with user ids of 2 bytes, which its size tells. */
    PID_OFFSET_64 = 24,
    PID_OFFSET_32 = 16,
    PID_OFFSET_32_SHORT = 12,
    SIZE_32_SHORT = 124,
    /* More than are looked at, of segments and of notes: the kernel puts each
     * thread's after that of the process. */
    SEGMENTS_MAX = 8,
    NOTES_MAX = 16,
    ALIGNMENT = 4,
};

struct notes {
    uint64_t at;
    uint64_t end;
};

static bool read_at(int fd, uint64_t at, void *ret, size_t size)
{
    return at <= INT64_MAX - size &&
           pread(fd, ret, size, (off_t)at) == (ssize_t)size;
}

static bool find_64(int fd, struct notes *ret)
{
    Elf64_Ehdr header;
    Elf64_Phdr segment;

    if (!read_at(fd, 0, &header, sizeof(header)) || header.e_type != ET_CORE ||
        header.e_phentsize != sizeof(segment)) {
        return false;
    }
    for (unsigned i = 0; i < header.e_phnum && i < SEGMENTS_MAX; i++) {
        if (!read_at(fd, header.e_phoff + i * sizeof(segment), &segment,
                     sizeof(segment))) {
            return false;
        }
        if (segment.p_type == PT_NOTE &&
            segment.p_filesz <= UINT64_MAX - segment.p_offset) {
            *ret = (struct notes){ .at = segment.p_offset,
                                   .end = segment.p_offset + segment.p_filesz };
            return true;
        }
    }
    return false;
}

static bool find_32(int fd, struct notes *ret)
{
    Elf32_Ehdr header;
    Elf32_Phdr segment;

    if (!read_at(fd, 0, &header, sizeof(header)) || header.e_type != ET_CORE ||
        header.e_phentsize != sizeof(segment)) {
        return false;
    }
    for (unsigned i = 0; i < header.e_phnum && i < SEGMENTS_MAX; i++) {
        if (!read_at(fd, header.e_phoff + (uint64_t)i * sizeof(segment),
                     &segment, sizeof(segment))) {
            return false;
        }
        if (segment.p_type == PT_NOTE) {
            *ret = (struct notes){ .at = segment.p_offset,
                                   .end = (uint64_t)segment.p_offset +
                                          segment.p_filesz };
            return true;
        }
    }
    return false;
}

static int read_pid(int fd, uint64_t at, uint32_t size, bool is_64)
{
    uint32_t offset = is_64                   ? PID_OFFSET_64
                      : size == SIZE_32_SHORT ? PID_OFFSET_32_SHORT
                                              : PID_OFFSET_32;
    int32_t pid;

    if (size < offset + sizeof(pid) ||
        !read_at(fd, at + offset, &pid, sizeof(pid)) || pid < 0) {
        return 0;
    }
    return pid;
}

static uint64_t aligned(uint32_t size)
{
    return ((uint64_t)size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static int search(int fd, struct notes notes, bool is_64)
{
    Elf64_Nhdr note; /* as that of 32 bits */

    for (int i = 0; i < NOTES_MAX && notes.at < notes.end; i++) {
        uint64_t left = notes.end - notes.at;
        uint64_t name;
        uint64_t size;

        if (left < sizeof(note) ||
            !read_at(fd, notes.at, &note, sizeof(note))) {
            return 0;
        }
        name = sizeof(note) + aligned(note.n_namesz);
        size = name + aligned(note.n_descsz);
        if (size > left) {
            return 0;
        }
        if (note.n_type == NT_PRPSINFO) {
            return read_pid(fd, notes.at + name, note.n_descsz, is_64);
        }
        notes.at += size;
    }
    return 0;
}

static int find_pid(int fd)
{
    unsigned char ident[EI_NIDENT];
    struct notes notes;
    bool is_64;

    if (!read_at(fd, 0, ident, sizeof(ident)) ||
        memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_DATA] != OWN_DATA) {
        return 0;
    }
    is_64 = ident[EI_CLASS] == ELFCLASS64;
    if (!(is_64 ? find_64(fd, &notes) : find_32(fd, &notes))) {
        return 0;
    }
    return search(fd, notes, is_64);
}

int core_file_pid(const char *path)
{
    /* It may be a pipe by now, which must not be waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int r;

    if (fd < 0) {
        return -errno;
    }
    r = find_pid(fd);
    (void)close(fd);
    return r;
}
