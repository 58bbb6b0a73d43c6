/* secret: what stands in a file of passwords or tokens. */
#ifndef RUN_SECRET_H
#define RUN_SECRET_H

#include <stdbool.h>

#define SECRET_MAX 4096u /* bytes of one, its NUL included */

/* Without blanks and line ends around it; false, with nothing in out: unreadable, empty or too long. The caller wipes out. */
bool secret_read(const char *path, char out[SECRET_MAX]);

#endif
