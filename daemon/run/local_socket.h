/* local_socket: a listening socket with a name in the file system, for the daemon's user and group. */
#ifndef RUN_LOCAL_SOCKET_H
#define RUN_LOCAL_SOCKET_H

#include "daemon/base/err.h"

#include <sys/un.h>

/* A socket that nobody listens on any more makes room; another file, or one that somebody listens on, does not. */
bool local_socket_open(const struct sockaddr_un *name, int *fd, struct err *e) MUST_CHECK;
/* Its file goes. Whoever listens on it closes the descriptor. */
void local_socket_remove(const char *path);

#endif
