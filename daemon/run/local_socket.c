/* local_socket: a name is taken over only from a socket whose owner is gone. */
#include "daemon/run/local_socket.h"

#include "daemon/base/fs.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 128
#define MODE 0660

static int make_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static bool is_listened_on(const struct sockaddr_un *name)
{
	int fd = make_socket();
	bool is =
	    fd < 0 || connect(fd, (const struct sockaddr *)name, sizeof(*name)) == 0 || errno != ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return is;
}

static bool make_room(const struct sockaddr_un *name, struct err *e)
{
	struct fs_stat st;

	if (fs_system.stat(&fs_system, name->sun_path, &st) != 0)
		return errno == ENOENT || err_set(e, ERR_IO, errno, "%s", name->sun_path);
	if (!S_ISSOCK(st.mode))
		return err_set(e, ERR_CONFIG, 0, "%s is there, and is no socket", name->sun_path);
	if (is_listened_on(name))
		return err_set(e, ERR_BUSY, 0, "%s: somebody listens there", name->sun_path);
	return fs_system.unlink(&fs_system, name->sun_path) == 0 ||
	       err_set(e, ERR_IO, errno, "%s", name->sun_path);
}

bool local_socket_open(const struct sockaddr_un *name, int *fd, struct err *e)
{
	if (!make_room(name, e))
		return false;
	*fd = make_socket();
	if (*fd >= 0 && bind(*fd, (const struct sockaddr *)name, sizeof(*name)) == 0 &&
	    chmod(name->sun_path, MODE) == 0 && listen(*fd, BACKLOG) == 0)
		return true;
	err_set(e, ERR_IO, errno, "cannot listen on %s", name->sun_path);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return false;
}

void local_socket_remove(const char *path)
{
	(void)fs_system.unlink(&fs_system, path);
}
