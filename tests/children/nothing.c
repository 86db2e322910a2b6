/* The cheapest child there is: no C library, one system call. */

_Noreturn void _start(void);

_Noreturn void _start(void)
{
#if defined(__x86_64__)
    __asm__ volatile("mov $231, %eax\n\t" /* exit_group */
                     "xor %edi, %edi\n\t"
                     "syscall");
#elif defined(__aarch64__)
    __asm__ volatile("mov x8, #94\n\t" /* exit_group */
                     "mov x0, #0\n\t"
                     "svc #0");
#else
#error "no exit_group for this processor yet"
#endif
    __builtin_unreachable();
}
