/* spawn: helper processes. Owns no process: the caller keeps the id and reaps it. */
#include "daemon/run/spawn.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a helper may inherit: sanitizers' options in test builds, and where the journal listens. */
static const char *const inherited[] = { "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "JOURNAL_STREAM" };

static void keep_environment(char **out, size_t room)
{
	static char locale[] = "LC_ALL=C.UTF-8";
	size_t n = 0;
	out[n++] = locale;
	for (char **v = environ; *v != NULL && n + 1 < room; v++)
		for (size_t i = 0; i < ARRAY_LEN(inherited); i++) {
			size_t length = strlen(inherited[i]);
			if (strncmp(*v, inherited[i], length) == 0 && (*v)[length] == '=')
				out[n++] = *v;
		}
	out[n] = NULL;
}

static int set_attributes(posix_spawnattr_t *attr)
{
	sigset_t all, none;
	sigfillset(&all);
	sigemptyset(&none);
	int failed = posix_spawnattr_setsigdefault(attr, &all);
	failed |= posix_spawnattr_setsigmask(attr, &none);
	failed |= posix_spawnattr_setpgroup(attr, 0);
	failed |= posix_spawnattr_setflags(
	    attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	return failed;
}

static int spawn_with(int socket, const char *mode, pid_t *pid)
{
	char *environment[ARRAY_LEN(inherited) + 2];
	char name[] = "gazetted", argument[32];
	char *argv[] = { name, argument, NULL };
	posix_spawnattr_t attr;
	posix_spawn_file_actions_t actions;
	snprintf(argument, sizeof(argument), "%s", mode);
	keep_environment(environment, ARRAY_LEN(environment));
	int failed = posix_spawnattr_init(&attr);
	if (failed != 0)
		return failed;
	failed = posix_spawn_file_actions_init(&actions);
	if (failed == 0) {
		failed = set_attributes(&attr);
		if (failed == 0)
			failed = posix_spawn_file_actions_adddup2(&actions, socket, SPAWN_FD);
		if (failed == 0)
			failed = posix_spawn(pid, "/proc/self/exe", &actions, &attr, argv, environment);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attr);
	return failed;
}

bool spawn_self(const char *mode, pid_t *pid, int *fd, struct err *e)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_set(e, ERR_IO, errno, "socket pair for %s", mode);
	int failed = spawn_with(pair[1], mode, pid);
	close(pair[1]);
	if (failed != 0) {
		close(pair[0]);
		return err_set(e, ERR_IO, failed, "cannot start %s", mode);
	}
	*fd = pair[0];
	return true;
}

void spawn_reap(pid_t pid, char *words, size_t size)
{
	int status = 0;
	pid_t r = waitpid(pid, &status, WNOHANG);
	if (r == 0) {
		/* It may be dying on its own, with a reason to tell; the kill changes nothing then. */
		kill(pid, SIGKILL);
		do {
			r = waitpid(pid, &status, 0);
		} while (r < 0 && errno == EINTR);
	}
	if (r == pid && WIFSIGNALED(status))
		snprintf(
		    words, size, "killed by signal %d (%s)", WTERMSIG(status), sigdescr_np(WTERMSIG(status)));
	else if (r == pid && WIFEXITED(status))
		snprintf(words, size, "ended with status %d", WEXITSTATUS(status));
	else
		snprintf(words, size, "ended");
}

void spawn_child_begin(const char *name)
{
	const struct rlimit no_core = { 0, 0 };
	prctl(PR_SET_NAME, name);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	close_range(SPAWN_FD + 1, ~0u, 0);
}
