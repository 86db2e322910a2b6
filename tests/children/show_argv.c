/* show_argv ...: each argument as SIZE:BYTES and a newline. */
#include "child.h"

int main(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        (void)printf("%zu:%s\n", strlen(argv[i]), argv[i]);
    }
    return 0;
}
