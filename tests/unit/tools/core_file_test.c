/* Whose core a file is. */
#include "test/core_file.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "support/check.h"

enum {
    PID = 4321,
    NAME_SIZE = 8, /* "CORE" and a NUL, as they are aligned */
    STATUS_SIZE = 336,
    PRPSINFO_SIZE = 136,
    PID_OFFSET = 24,
};

struct core {
    Elf64_Ehdr header;
    Elf64_Phdr segments[2];
    struct {
        Elf64_Nhdr head;
        char name[NAME_SIZE];
        char data[STATUS_SIZE];
    } status;
    struct {
        Elf64_Nhdr head;
        char name[NAME_SIZE];
        char data[PRPSINFO_SIZE];
    } info;
};

static struct core made(void)
{
    const int pid = PID;
    struct core core = {
        .header = { .e_type = ET_CORE,
                    .e_phoff = offsetof(struct core, segments),
                    .e_phentsize = sizeof(Elf64_Phdr),
                    .e_phnum = 2 },
        .segments = { { .p_type = PT_LOAD },
                      { .p_type = PT_NOTE,
                        .p_offset = offsetof(struct core, status),
                        .p_filesz = sizeof(struct core) -
                                    offsetof(struct core, status) } },
        .status = { .head = { 5, STATUS_SIZE, NT_PRSTATUS }, .name = "CORE" },
        .info = { .head = { 5, PRPSINFO_SIZE, NT_PRPSINFO }, .name = "CORE" },
    };

    memcpy(core.header.e_ident, ELFMAG, SELFMAG);
    core.header.e_ident[EI_CLASS] = ELFCLASS64;
    core.header.e_ident[EI_DATA] =
        __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    memcpy(core.info.data + PID_OFFSET, &pid, sizeof(pid));
    return core;
}

static int pid_of(const void *data, size_t size)
{
    char path[] = "core-XXXXXX";
    int fd = mkstemp(path);
    int r;

    assert_true(fd >= 0);
    assert_int_equal(file_write_all(fd, data, size), 0);
    (void)close(fd);
    r = core_file_pid(path);
    assert_int_equal(unlink(path), 0);
    return r;
}

static int setup(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    return chdir(tmp == NULL ? "/tmp" : tmp);
}

static void it_is_that_of_the_note(void **state)
{
    struct core core = made();

    (void)state;
    assert_int_equal(pid_of(&core, sizeof(core)), PID);
}

/* With user ids of 2 bytes, and of 4. */
static void with_32_bits_its_size_tells_where_it_is(void **state)
{
    static const struct {
        unsigned size;
        unsigned offset;
    } forms[] = { { 124, 12 }, { 128, 16 } };
    struct {
        Elf32_Ehdr header;
        Elf32_Phdr segment;
        Elf32_Nhdr head;
        char name[NAME_SIZE];
        char data[PRPSINFO_SIZE];
    } core = { .header = { .e_type = ET_CORE,
                           .e_phoff = sizeof(Elf32_Ehdr),
                           .e_phentsize = sizeof(Elf32_Phdr),
                           .e_phnum = 1 },
               .name = "CORE" };
    const int pid = PID;

    (void)state;
    memcpy(core.header.e_ident, made().header.e_ident, EI_NIDENT);
    core.header.e_ident[EI_CLASS] = ELFCLASS32;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        core.segment = (Elf32_Phdr){
            .p_type = PT_NOTE,
            .p_offset = sizeof(core.header) + sizeof(core.segment),
            .p_filesz = sizeof(core.head) + NAME_SIZE + forms[i].size,
        };
        core.head = (Elf32_Nhdr){ 5, forms[i].size, NT_PRPSINFO };
        memset(core.data, 0, sizeof(core.data));
        memcpy(core.data + forms[i].offset, &pid, sizeof(pid));
        assert_int_equal(pid_of(&core, sizeof(core)), PID);
    }
}

static void torn_anywhere_it_is_of_nobody(void **state)
{
    struct core core = made();
    size_t end = offsetof(struct core, info.data) + PID_OFFSET + sizeof(int);

    (void)state;
    for (size_t size = 0; size < end; size++) {
        assert_int_equal(pid_of(&core, size), 0);
    }
    assert_int_equal(pid_of(&core, end), PID);
}

static void with_any_byte_wrong_it_is_read_to_an_end(void **state)
{
    struct core core = made();
    unsigned char bytes[sizeof(core)];
    size_t end = offsetof(struct core, status.name);

    (void)state;
    for (size_t i = 0; i < end; i++) {
        memcpy(bytes, &core, sizeof(core));
        bytes[i] = 0xff;
        if (pid_of(bytes, sizeof(bytes)) < 0) {
            fail_msg("byte %zu", i);
        }
    }
}

static void other_files_are_of_nobody(void **state)
{
    struct core core = made();

    (void)state;
    core.header.e_type = ET_EXEC;
    assert_int_equal(pid_of(&core, sizeof(core)), 0);
    core = made();
    core.header.e_ident[EI_DATA] ^= ELFDATA2LSB ^ ELFDATA2MSB;
    assert_int_equal(pid_of(&core, sizeof(core)), 0);
    core = made();
    core.info.head.n_descsz = PID_OFFSET;
    assert_int_equal(pid_of(&core, sizeof(core)), 0);
    core = made();
    core.status.head.n_descsz = UINT32_MAX;
    assert_int_equal(pid_of(&core, sizeof(core)), 0);
    assert_int_equal(core_file_pid("/nonexistent/core"), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_that_of_the_note),
        cmocka_unit_test(with_32_bits_its_size_tells_where_it_is),
        cmocka_unit_test(torn_anywhere_it_is_of_nobody),
        cmocka_unit_test(with_any_byte_wrong_it_is_read_to_an_end),
        cmocka_unit_test(other_files_are_of_nobody),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
