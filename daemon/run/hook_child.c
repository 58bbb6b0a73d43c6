/* hook_child: spawning, ending, and the hunt for orphans. Knows no deadline and no protocol. */
#include "daemon/run/hook_child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ORPHAN_ROUNDS 1000 /* rounds of killing what is left: a fork bomb must lose, not the box */
#define HIDDEN_PAUSE_NS 1000000 /* ns between rounds that found nothing to kill: a second in all */

enum { PIPE_IN, PIPE_OUT, PIPE_ERRORS, PIPES };

static void close_pipes(int pipes[PIPES][2], int n)
{
	for (int i = 0; i < n; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

static bool make_pipes(int pipes[PIPES][2], int n)
{
	for (int i = 0; i < n; i++) {
		if (pipe2(pipes[i], O_CLOEXEC) == 0)
			continue;
		close_pipes(pipes, i);
		return false;
	}
	return true;
}

static int set_up_child(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attr, const int theirs[PIPES])
{
	sigset_t all, none;
	sigfillset(&all);
	sigemptyset(&none);
	int failed = posix_spawn_file_actions_adddup2(actions, theirs[PIPE_IN], STDIN_FILENO);
	failed |= posix_spawn_file_actions_adddup2(actions, theirs[PIPE_OUT], STDOUT_FILENO);
	failed |= posix_spawn_file_actions_adddup2(actions, theirs[PIPE_ERRORS], STDERR_FILENO);
	failed |= posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
	failed |= posix_spawn_file_actions_addchdir_np(actions, "/");
	failed |= posix_spawnattr_setsigdefault(attr, &all);
	failed |= posix_spawnattr_setsigmask(attr, &none);
	failed |= posix_spawnattr_setflags(
	    attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
	return failed;
}

static int spawn_script(pid_t *pid, const struct hook_request *req, const int theirs[PIPES])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int failed = posix_spawn_file_actions_init(&actions);
	if (failed != 0)
		return failed;
	failed = posix_spawnattr_init(&attr);
	if (failed == 0) {
		failed = set_up_child(&actions, &attr, theirs);
		if (failed == 0)
			failed = posix_spawn(pid, req->argv[0], &actions, &attr, req->argv, req->env);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

static int ours(int fd)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

const char *hook_child_start(struct hook_child *c, const struct hook_request *req, bool apart)
{
	int pipes[PIPES][2];
	int n = apart ? PIPES : PIPE_ERRORS;
	*c = (struct hook_child){ .in = -1, .out = -1, .errors = -1, .gone = -1, .exit_status = -1 };
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* A script that ends before it has read its input must not take us along; it gets its own signals back when it starts. */
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	if (!make_pipes(pipes, n))
		return "no pipe for the script";
	const int theirs[PIPES] = { pipes[PIPE_IN][0], pipes[PIPE_OUT][1],
		pipes[apart ? PIPE_ERRORS : PIPE_OUT][1] };
	int failed = spawn_script(&c->pid, req, theirs);
	if (failed != 0) {
		close_pipes(pipes, n);
		c->pid = 0;
		return strerrordesc_np(failed);
	}
	for (int i = 0; i < n; i++)
		close(theirs[i]);
	c->in = ours(pipes[PIPE_IN][1]);
	c->out = ours(pipes[PIPE_OUT][0]);
	c->errors = apart ? ours(pipes[PIPE_ERRORS][0]) : -1;
	c->gone = (int)syscall(SYS_pidfd_open, c->pid, 0);
	return NULL;
}

void hook_child_kill(const struct hook_child *c)
{
	if (c->pid == 0)
		return;
	kill(-c->pid, SIGKILL);
	kill(c->pid, SIGKILL);
}

bool hook_child_take_exit(struct hook_child *c)
{
	int status;
	siginfo_t gone = { .si_pid = 0 };
	if (waitid(P_PID, (id_t)c->pid, &gone, WEXITED | WNOHANG | WNOWAIT) != 0 || gone.si_pid == 0)
		return false;
	kill(-c->pid, SIGKILL); /* before it is reaped: afterwards the number may be another group's */
	if (waitpid(c->pid, &status, 0) != c->pid)
		return false;
	c->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	c->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	c->pid = 0;
	return true;
}

void hook_child_reap_strays(const struct hook_child *c)
{
	siginfo_t gone = { .si_pid = 0 };
	while (waitid(P_ALL, 0, &gone, WEXITED | WNOHANG | WNOWAIT) == 0 && gone.si_pid != 0 &&
	       gone.si_pid != c->pid) {
		waitpid(gone.si_pid, NULL, 0);
		gone.si_pid = 0;
	}
}

/* Parent of a process, by /proc/PID/stat: "pid (name) S ppid …", where the name may hold anything. 0: gone. */
static pid_t parent_of(const char *pid)
{
	char path[64], stat[512];
	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	size_t n = fread(stat, 1, sizeof(stat) - 1, f);
	fclose(f);
	stat[n] = '\0';
	const char *end = strrchr(stat, ')');
	return end != NULL && strlen(end) > 4 ? (pid_t)strtol(end + 4, NULL, 10) : 0;
}

static unsigned kill_children(void)
{
	unsigned killed = 0;
	DIR *proc = opendir("/proc");
	for (struct dirent *d = proc ? readdir(proc) : NULL; d != NULL; d = readdir(proc)) {
		if (d->d_name[0] < '1' || d->d_name[0] > '9' || parent_of(d->d_name) != getpid())
			continue;
		killed += kill((pid_t)strtol(d->d_name, NULL, 10), SIGKILL) == 0;
	}
	if (proc != NULL)
		closedir(proc);
	return killed;
}

/* As sub-reaper we are the parent of every orphan: kill generation by generation until none is left. */
void hook_child_kill_orphans(void)
{
	for (int round = 0; round < ORPHAN_ROUNDS; round++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			return;
		if (kill_children() ==
		    0) { /* another user's: it may be hidden from us, and may end by itself */
			nanosleep(&(struct timespec){ .tv_nsec = HIDDEN_PAUSE_NS }, NULL);
			continue;
		}
		while (waitpid(-1, NULL, 0) < 0 && errno == EINTR)
			;
	}
}

void hook_child_keep_tail(struct buf *tail, size_t most, const char *p, size_t n)
{
	if (n > most) {
		p += n - most;
		n = most;
	}
	if (tail->n + n > most)
		buf_shift(tail, tail->n + n - most);
	buf_add(tail, p, n);
}
