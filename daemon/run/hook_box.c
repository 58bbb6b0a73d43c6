/* hook_box: one script, its pipes, its deadline and its orphans. Knows no alert and no record. */
#include "daemon/run/hook_box.h"
#include "daemon/base/clock.h"
#include "daemon/run/hook_child.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_ROOM 4096 /* bytes read from the script at a time */
#define READS_AFTER_EXIT                                                                                     \
	256 /* reads of what stands in the pipe when the script has ended: a pipe holds 64 KiB */

enum { END_IN, END_OUT, END_CHILD, END_CANCEL, ENDS };

struct box {
	const struct hook_request *req;
	struct hook_result *result;
	struct buf *output;
	size_t written; /* of the input */
	int64_t deadline; /* monotonic */
	struct hook_child child;
	struct pollfd ends[ENDS];
	bool ended;
};

static void close_end(struct pollfd *end)
{
	if (end->fd >= 0)
		close(end->fd);
	end->fd = -1;
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
	hook_child_keep_tail(b->output, b->req->output_max, room, (size_t)n);
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

static void wait_for_something(struct box *b)
{
	int64_t left = b->deadline - clock_mono(&clock_system);
	if (left <= 0 && !b->result->timed_out) {
		b->result->timed_out = true;
		hook_child_kill(&b->child);
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
			hook_child_kill(&b->child);
		}
		b->ended = hook_child_take_exit(&b->child);
	}
	for (int i = 0; i < READS_AFTER_EXIT && b->ends[END_OUT].fd >= 0 && read_some(b); i++)
		;
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
	result->failure = hook_child_start(&b.child, req, false);
	if (result->failure != NULL)
		return;
	b.ends[END_IN] = (struct pollfd){ b.child.in, POLLOUT, 0 };
	b.ends[END_OUT] = (struct pollfd){ b.child.out, POLLIN, 0 };
	b.ends[END_CHILD] = (struct pollfd){ b.child.gone, POLLIN, 0 };
	watch(&b);
	hook_child_kill_orphans();
	close_end(&b.ends[END_IN]);
	close_end(&b.ends[END_OUT]);
	close_end(&b.ends[END_CHILD]);
	result->exit_status = b.child.exit_status;
	result->signal = b.child.signal;
	result->output = buf_view(output);
}
