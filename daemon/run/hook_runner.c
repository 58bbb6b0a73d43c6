/* hook_runner: connections to scripts. Owns the connections; the box owns the script. */
#include "daemon/run/hook_runner.h"
#include "daemon/base/arena.h"
#include "daemon/run/hook_box.h"
#include "daemon/run/hook_frame.h"
#include "daemon/run/hook_stream.h"
#include "daemon/run/spawn.h"
#include "daemon/run/wire.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define ARENA_MAX (64u << 20) /* bytes: words of a request of HOOK_REQUEST_MAX, twice over */

#define DESCRIPTORS                                                                                          \
	1024 /* what a script may open: the daemon's raised limit is not for it, select(2) cannot take more */

#define RETRY_MS 100 /* between two tries to make a child */
#define STAND_BY_AFTER_MS                                                                                    \
	20 /* after a child has left to serve: by then its script runs, and the fork of the next does not slow it down */
#define REHEARSAL_MS 1000 /* deadline of a script that is not there */

static void lower_descriptor_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= DESCRIPTORS)
		return;
	limit.rlim_cur = DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* What systemd has given to the unit is for its scripts. Only there: the daemon's own helper inherits no such variable. */
static bool give_credentials(struct hook_request *req, struct arena *a, struct err *e)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	char word[PATH_MAX];
	size_t n = 0;
	if (directory == NULL)
		return true;
	while (req->env[n] != NULL)
		n++;
	char **env = arena_zalloc(a, (n + 2) * sizeof(*env));
	if (env == NULL)
		return err_nomem(e);
	memcpy(env, req->env, n * sizeof(*env));
	snprintf(word, sizeof(word), "CREDENTIALS_DIRECTORY=%s", directory);
	env[n] = arena_cstr(a, str_from(word));
	req->env = env;
	return env[n] != NULL || err_nomem(e);
}

/* What serving takes, made before there is a connection. */
struct desk {
	struct buf in, out;
	struct arena *arena;
	struct hook_stream stream;
};

static bool desk_init(struct desk *d)
{
	lower_descriptor_limit();
	buf_init(&d->in, HOOK_REQUEST_MAX);
	buf_init(&d->out, HOOK_OUTPUT_MAX + 1);
	hook_stream_init(&d->stream);
	d->arena = arena_new(ARENA_MAX);
	return d->arena != NULL;
}

static bool answer(int fd, const struct hook_result *result)
{
	struct buf frame;
	struct err lost = { 0 };
	buf_init(&frame, HOOK_RESULT_MAX);
	hook_result_encode(result, &frame);
	bool told = !frame.failed && wire_write(fd, WIRE_HOOK_RESULT, buf_view(&frame), &lost);
	buf_fini(&frame);
	return told;
}

/* One request, already in d->in. */
static bool run_and_answer(struct desk *d, int fd, bool *stays, struct err *e)
{
	struct hook_request req = { 0 };
	struct hook_result result = { .exit_status = -1 };
	bool good =
	    hook_request_decode(buf_view(&d->in), d->arena, &req, e) && give_credentials(&req, d->arena, e);
	if (!good)
		result.failure = e->text;
	else if (req.stream != NULL)
		hook_stream_run(&d->stream, &req, fd, &d->out, &result);
	else
		hook_box_run(&req, fd, &d->out, &result);
	*stays = good && req.stream != NULL;
	return answer(fd, &result);
}

static bool serve(struct desk *d, int fd, struct err *e)
{
	enum wire_type type;
	bool stays = true, served = false;
	while (stays) {
		hook_stream_idle(&d->stream, fd);
		arena_reset(d->arena);
		if (!wire_read(fd, HOOK_REQUEST_MAX, &type, &d->in, e))
			return served && e->kind == ERR_NONE;
		if (type != WIRE_HOOK)
			return err_set(
			    e, ERR_PARSE, 0, "frame of type %d instead of a hook request", (int)type);
		if (!run_and_answer(d, fd, &stays, e))
			return false;
		served = true;
	}
	return true;
}

static void desk_fini(struct desk *d)
{
	buf_fini(&d->in);
	buf_fini(&d->out);
	hook_stream_end(&d->stream);
	arena_free(&d->arena);
}

int hook_runner_serve_one(int fd)
{
	struct err e = { 0 };
	struct desk d;
	bool served = desk_init(&d) && serve(&d, fd, &e);
	int status = served ? EX_OK : d.arena != NULL ? EX_PROTOCOL : EX_OSERR;
	desk_fini(&d);
	return status;
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

static void pause_before_retry(void)
{
	const struct timespec pause = { .tv_nsec = RETRY_MS * 1000000L };
	nanosleep(&pause, NULL);
}

static bool has_waiting(int fd, int patience_ms)
{
	struct pollfd end = { fd, POLLIN, 0 };
	return poll(&end, 1, patience_ms) > 0;
}

/* Serves a request for a script that cannot be started, so that the memory, the code and the tables that the real one needs have been touched: after
 * a fork that costs as much as starting a script. A rehearsal that fails changes nothing. */
static void rehearse(struct desk *d)
{
	char name[] = "/", *words[] = { name, NULL }, *none[] = { NULL };
	const struct hook_request req = { .argv = words, .env = none, .timeout_ms = REHEARSAL_MS };
	struct err ignored = { 0 };
	struct buf frame;
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return;
	buf_init(&frame, HOOK_REQUEST_MAX);
	hook_request_encode(&req, &frame);
	if (!frame.failed && wire_write(pair[0], WIRE_HOOK, buf_view(&frame), &ignored))
		(void)serve(d, pair[1], &ignored);
	buf_fini(&frame);
	close(pair[0]);
	close(pair[1]);
}

/* A child that waits for one connection and serves it: its fork is paid for before a script is wanted. `taken` is closed when it has
 * one, so that the next child can be made; a byte before that says that the daemon has gone. */
static int stand_by(int fd, int taken)
{
	const struct sigaction keep = { .sa_handler = SIG_DFL };
	struct desk d;
	struct err e = { 0 };
	prctl(
	    PR_SET_PDEATHSIG, SIGKILL); /* who waits goes with the runner; who serves, with its connection */
	sigaction(SIGCHLD, &keep, NULL);
	if (!desk_init(&d)) {
		pause_before_retry();
		return EX_OSERR;
	}
	if (!has_waiting(fd, 0))
		rehearse(&d);
	int connection = receive_connection(fd);
	prctl(PR_SET_PDEATHSIG, 0);
	if (connection < 0)
		return send(taken, "", 1, MSG_NOSIGNAL) == 1 ? EX_OK : EX_OSERR;
	close(fd);
	close(taken);
	bool served = serve(&d, connection, &e);
	desk_fini(&d);
	return served ? EX_OK : EX_PROTOCOL;
}

/* False: the daemon has gone. A child that could not be made or was lost is made again a little later: connections wait in the socket. */
static bool next_child(int fd)
{
	int taken[2];
	char byte;
	ssize_t n = -1;
	pid_t pid = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, taken) == 0 ? fork() : -2;
	if (pid == 0) {
		close(taken[0]);
		_exit(stand_by(fd, taken[1]));
	}
	if (pid != -2)
		close(taken[1]);
	if (pid > 0)
		do {
			n = read(taken[0], &byte, 1);
		} while (n < 0 && errno == EINTR);
	if (pid != -2)
		close(taken[0]);
	if (n < 0)
		pause_before_retry();
	return n <= 0;
}

int hook_runner_run(int fd)
{
	spawn_child_begin("gazetted-hooks");
	/* Children are not waited for: each serves its connection and is gone. */
	struct sigaction ignore = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT };
	sigaction(SIGCHLD, &ignore, NULL);
	while (next_child(fd))
		(void)has_waiting(fd, STAND_BY_AFTER_MS); /* one that waits gets its child at once */
	return EX_OK;
}

bool hook_runner_connection(int *ours, int *theirs, struct err *e)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_set(e, ERR_IO, errno, "socket pair for a script");
	*ours = pair[0];
	*theirs = pair[1];
	return true;
}

bool hook_runner_give(int runner, int theirs, struct err *e)
{
	char byte = 0;
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	*c = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS
	};
	memcpy(CMSG_DATA(c), &theirs, sizeof(int));
	return sendmsg(runner, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 ||
	       err_set(e, ERR_BUSY, errno, "the hook runner does not take the script");
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
