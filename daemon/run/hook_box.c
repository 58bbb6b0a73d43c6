/* hook_box: one script, its pipes, its deadline and its orphans. Knows no alert and no record. */
#include "daemon/run/hook_box.h"
#include "daemon/base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_ROOM 4096 /* bytes read from the script at a time */
#define READS_AFTER_EXIT                                                                                     \
	256 /* reads of what stands in the pipe when the script has ended: a pipe holds 64 KiB */
#define ORPHAN_ROUNDS 1000 /* rounds of killing what is left: a fork bomb must lose, not the box */

enum { END_IN, END_OUT, END_CHILD, END_CANCEL, ENDS };

struct box {
	const struct hook_request *req;
	struct hook_result *result;
	struct buf *output;
	size_t written; /* of the input */
	int64_t deadline; /* monotonic */
	pid_t pid;
	struct pollfd ends[ENDS];
	bool ended;
};

static void close_end(struct pollfd *end)
{
	if (end->fd >= 0)
		close(end->fd);
	end->fd = -1;
}

/* Keeps the end of the output: the last words say why it failed. */
static void keep_output(struct box *b, const char *p, size_t n)
{
	size_t most = b->req->output_max;
	if (n > most) {
		p += n - most;
		n = most;
	}
	if (b->output->n + n > most)
		buf_shift(b->output, b->output->n + n - most);
	buf_add(b->output, p, n);
}

static bool read_some(struct box *b)
{
	char room[READ_ROOM];
	ssize_t n = read(b->ends[END_OUT].fd, room, sizeof(room));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		close_end(&b->ends[END_OUT]);
		return false;
	}
	keep_output(b, room, (size_t)n);
	return true;
}

static void write_some(struct box *b)
{
	struct str rest = str_skip(b->req->input, b->written);
	ssize_t n = rest.n > 0 ? write(b->ends[END_IN].fd, rest.p, rest.n) : 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		b->written += (size_t)n;
	/* A script that does not read its input is no failure. */
	if (n <= 0 || b->written == b->req->input.n)
		close_end(&b->ends[END_IN]);
}

static bool make_pipes(int in[2], int out[2])
{
	if (pipe2(in, O_CLOEXEC) != 0)
		return false;
	if (pipe2(out, O_CLOEXEC) != 0) {
		close(in[0]);
		close(in[1]);
		return false;
	}
	return true;
}

static int set_up_child(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attr, int in, int out)
{
	sigset_t all, none;
	sigfillset(&all);
	sigemptyset(&none);
	int failed = posix_spawn_file_actions_adddup2(actions, in, STDIN_FILENO);
	failed |= posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
	failed |= posix_spawn_file_actions_adddup2(actions, out, STDERR_FILENO);
	failed |= posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
	failed |= posix_spawn_file_actions_addchdir_np(actions, "/");
	failed |= posix_spawnattr_setsigdefault(attr, &all);
	failed |= posix_spawnattr_setsigmask(attr, &none);
	failed |= posix_spawnattr_setflags(
	    attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
	return failed;
}

static int spawn_script(struct box *b, int in, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int failed = posix_spawn_file_actions_init(&actions);
	if (failed != 0)
		return failed;
	failed = posix_spawnattr_init(&attr);
	if (failed == 0) {
		failed = set_up_child(&actions, &attr, in, out);
		if (failed == 0)
			failed =
			    posix_spawn(&b->pid, b->req->argv[0], &actions, &attr, b->req->argv, b->req->env);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

static bool start(struct box *b)
{
	int in[2], out[2];
	if (!make_pipes(in, out)) {
		b->result->failure = "no pipe for the script";
		return false;
	}
	int failed = spawn_script(b, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	if (failed != 0) {
		close(in[1]);
		close(out[0]);
		b->result->failure = strerrordesc_np(failed);
		return false;
	}
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	b->ends[END_IN] = (struct pollfd){ in[1], POLLOUT, 0 };
	b->ends[END_OUT] = (struct pollfd){ out[0], POLLIN, 0 };
	b->ends[END_CHILD] = (struct pollfd){ (int)syscall(SYS_pidfd_open, b->pid, 0), POLLIN, 0 };
	return true;
}

static void kill_script(struct box *b)
{
	kill(-b->pid, SIGKILL);
	kill(b->pid, SIGKILL);
}

static void take_exit(struct box *b)
{
	int status;
	siginfo_t gone = { .si_pid = 0 };
	if (waitid(P_PID, (id_t)b->pid, &gone, WEXITED | WNOHANG | WNOWAIT) != 0 || gone.si_pid == 0)
		return;
	kill(-b->pid, SIGKILL); /* before it is reaped: afterwards the number may be another group's */
	if (waitpid(b->pid, &status, 0) != b->pid)
		return;
	b->ended = true;
	b->result->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	b->result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void wait_for_something(struct box *b)
{
	int64_t left = b->deadline - clock_mono(&clock_system);
	if (left <= 0 && !b->result->timed_out) {
		b->result->timed_out = true;
		kill_script(b);
	}
	/* Without a pidfd (no descriptor left) the child is looked at every tenth of a second. */
	int64_t most = b->ends[END_CHILD].fd < 0 || b->result->timed_out ? 100 : 60000;
	poll(b->ends, ENDS, (int)(left > 0 && left < most ? left : most));
}

static void watch(struct box *b)
{
	while (!b->ended) {
		wait_for_something(b);
		if (b->ends[END_IN].fd >= 0 && b->ends[END_IN].revents != 0)
			write_some(b);
		if (b->ends[END_OUT].fd >= 0 && b->ends[END_OUT].revents != 0)
			(void)read_some(b);
		if (b->ends[END_CANCEL].revents & (POLLHUP | POLLERR | POLLRDHUP)) {
			b->ends[END_CANCEL].fd = -1;
			kill_script(b);
		}
		take_exit(b);
	}
	for (int i = 0; i < READS_AFTER_EXIT && b->ends[END_OUT].fd >= 0 && read_some(b); i++)
		;
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
		kill((pid_t)strtol(d->d_name, NULL, 10), SIGKILL);
		killed++;
	}
	if (proc != NULL)
		closedir(proc);
	return killed;
}

/* As sub-reaper we are the parent of every orphan: kill generation by generation until none is left. */
static void kill_orphans(void)
{
	for (int round = 0; round < ORPHAN_ROUNDS; round++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			return;
		if (kill_children() > 0)
			while (waitpid(-1, NULL, 0) < 0 && errno == EINTR)
				;
	}
}

void hook_box_run(
    const struct hook_request *req, int cancel_fd, struct buf *output, struct hook_result *result)
{
	struct box b = { .req = req, .result = result, .output = output };
	*result = (struct hook_result){ .exit_status = -1 };
	for (int i = 0; i < ENDS; i++)
		b.ends[i].fd = -1;
	b.ends[END_CANCEL] = (struct pollfd){ cancel_fd, POLLRDHUP, 0 };
	b.deadline = clock_mono(&clock_system) + req->timeout_ms;
	buf_clear(output);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* A script that ends before it has read its input must not take the box along; it gets its own signals back when it starts. */
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	if (!start(&b))
		return;
	watch(&b);
	kill_orphans();
	close_end(&b.ends[END_IN]);
	close_end(&b.ends[END_OUT]);
	close_end(&b.ends[END_CHILD]);
	result->output = buf_view(output);
}
