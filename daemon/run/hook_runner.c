/* hook_runner: connections to scripts. Owns the connections; the box owns the script. */
#include "daemon/run/hook_runner.h"
#include "daemon/base/arena.h"
#include "daemon/run/hook_box.h"
#include "daemon/run/hook_frame.h"
#include "daemon/run/spawn.h"
#include "daemon/run/wire.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define ARENA_MAX (64u << 20) /* bytes: words of a request of HOOK_REQUEST_MAX, twice over */

#define DESCRIPTORS                                                                                          \
	1024 /* what a script may open: the daemon's raised limit is not for it, select(2) cannot take more */

static void lower_descriptor_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= DESCRIPTORS)
		return;
	limit.rlim_cur = DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static bool serve(int fd, struct arena *a, struct buf *in, struct buf *out, struct err *e)
{
	enum wire_type type;
	struct hook_request req = { 0 };
	struct hook_result result = { .exit_status = -1 };
	struct buf answer;
	if (!wire_read(fd, HOOK_REQUEST_MAX, &type, in, e))
		return false;
	if (type != WIRE_HOOK)
		return err_set(e, ERR_PARSE, 0, "frame of type %d instead of a hook request", (int)type);
	if (hook_request_decode(buf_view(in), a, &req, e))
		hook_box_run(&req, fd, out, &result);
	else
		result.failure = e->text;
	buf_init(&answer, HOOK_RESULT_MAX);
	hook_result_encode(&result, &answer);
	struct err lost = { 0 };
	bool told = !answer.failed && wire_write(fd, WIRE_HOOK_RESULT, buf_view(&answer), &lost);
	buf_fini(&answer);
	return told;
}

int hook_runner_serve_one(int fd)
{
	struct err e = { 0 };
	struct buf in, out;
	struct arena *a = arena_new(ARENA_MAX);
	if (a == NULL)
		return EX_OSERR;
	lower_descriptor_limit();
	buf_init(&in, HOOK_REQUEST_MAX);
	buf_init(&out, HOOK_OUTPUT_MAX + 1);
	bool served = serve(fd, a, &in, &out, &e);
	buf_fini(&in);
	buf_fini(&out);
	arena_free(&a);
	return served ? EX_OK : EX_PROTOCOL;
}

/* One byte with one descriptor beside it. -1: the daemon has gone. */
static int receive_connection(int fd)
{
	char byte;
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	for (;;) {
		ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR)
			continue;
		struct cmsghdr *c = n == 1 ? CMSG_FIRSTHDR(&m) : NULL;
		if (c == NULL || c->cmsg_type != SCM_RIGHTS)
			return -1;
		int connection;
		memcpy(&connection, CMSG_DATA(c), sizeof(connection));
		return connection;
	}
}

int hook_runner_run(int fd)
{
	spawn_child_begin("gazetted-hooks");
	/* Children are not waited for: each serves its connection and is gone. */
	struct sigaction ignore = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT };
	sigaction(SIGCHLD, &ignore, NULL);
	for (;;) {
		int connection = receive_connection(fd);
		if (connection < 0)
			return EX_OK;
		pid_t pid = fork();
		if (pid == 0) {
			const struct sigaction keep = { .sa_handler = SIG_DFL };
			sigaction(SIGCHLD, &keep, NULL);
			close(fd);
			_exit(hook_runner_serve_one(connection));
		}
		close(
		    connection); /* when fork failed, the daemon sees the end at once and tries again later */
	}
}

bool hook_runner_connect(int runner, int *fd, struct err *e)
{
	int pair[2];
	char byte = 0;
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_set(e, ERR_IO, errno, "socket pair for a script");
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	*c = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS
	};
	memcpy(CMSG_DATA(c), &pair[1], sizeof(int));
	ssize_t sent = sendmsg(runner, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	int reason = errno;
	close(pair[1]);
	*fd = pair[0];
	if (sent == 1)
		return true;
	close(pair[0]);
	return err_set(e, ERR_BUSY, reason, "the hook runner does not take the script");
}

bool hook_runner_connect_path(const char *path, int *fd, struct err *e)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct str name = str_from(path);
	if (name.n == 0 || name.n >= sizeof(to.sun_path))
		return err_set(e, ERR_CONFIG, 0,
		    "%s: empty or longer than a socket's path may be (%zu bytes)", path,
		    sizeof(to.sun_path) - 1);
	memcpy(to.sun_path, name.p, name.n);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return err_set(e, ERR_IO, errno, "socket for a script");
	if (connect(*fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return true;
	int reason = errno;
	close(*fd);
	return err_set(e, reason == EAGAIN ? ERR_BUSY : ERR_IO, reason, "%s", path);
}
