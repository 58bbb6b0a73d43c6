/* notify: the sd_notify protocol. Owns no socket between calls. */
#include "daemon/run/notify.h"
#include "daemon/base/str.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Absent: nobody listens. */
static struct str socket_path(void)
{
	struct str path = str_from(getenv("NOTIFY_SOCKET"));
	bool good = path.n >= 2 && path.n < sizeof(((struct sockaddr_un *)0)->sun_path) &&
	            (path.p[0] == '/' || path.p[0] == '@');
	return good ? path : (struct str){ NULL, 0 };
}

bool notify_is_heard(void)
{
	return socket_path().n > 0;
}

void notify_send(const char *state)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct str path = socket_path();
	if (path.n == 0)
		return;
	memcpy(to.sun_path, path.p, path.n);
	if (path.p[0] == '@') /* an abstract address starts with a NUL */
		to.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n);
	/* Nobody can be told when this fails; the manager's own time-out is the answer. */
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&to, length);
	close(fd);
}

uint64_t notify_watchdog_ms(void)
{
	unsigned long long microseconds, pid;
	struct str owner = str_from(getenv("WATCHDOG_PID"));
	if (!str_to_u64(str_from(getenv("WATCHDOG_USEC")), &microseconds))
		return 0;
	if (owner.n > 0 && (!str_to_u64(owner, &pid) || pid != (unsigned long long)getpid()))
		return 0;
	return microseconds / 2000;
}
