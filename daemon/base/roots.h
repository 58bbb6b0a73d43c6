/* roots: the certificates that a system trusts. */
#ifndef BASE_ROOTS_H
#define BASE_ROOTS_H

/* Where this system keeps them all in one file; Debian's place when none can be read. */
const char *roots_file(void);

#endif
