/* show_env: each entry of the environment as SIZE:BYTES and a newline. */
#include "child.h"

int main(void)
{
    for (char **entry = environ; *entry != NULL; entry++) {
        (void)printf("%zu:%s\n", strlen(*entry), *entry);
    }
    return 0;
}
