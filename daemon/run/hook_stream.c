/* hook_stream: one line in, one line out, and what to do with a script that does not keep to it. Knows no alert and no record. */
#include "daemon/run/hook_stream.h"
#include "daemon/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_ROOM 4096u /* bytes read at a time */
#define READS_AT_END 256 /* reads of what stands in a pipe: it holds 64 KiB */
#define END_GRACE_MS 1000 /* for a script whose input was closed */
#define LOOK_MS 60000 /* an idle script's dead orphans are reaped at least so often */
#define LOOK_BLIND_MS 100 /* without a pidfd */

#define EXIT_FAILED 1
#define EXIT_LATER 75 /* EX_TEMPFAIL of sysexits: what the engine takes for "again" */

enum { END_IN, END_OUT, END_ERRORS, END_CHILD, END_CONNECTION, ENDS };

enum outcome { WAITING, ANSWERED, ENDLESS, DIED, LATE, DEAF, LEFT };

struct exchange { /* one delivery */
	struct hook_stream *stream;
	const struct hook_request *req;
	size_t written;
	int64_t deadline; /* monotonic */
	bool deaf; /* it closed its input or its output; it may be about to end */
	enum outcome outcome;
	struct pollfd ends[ENDS];
};

void hook_stream_init(struct hook_stream *s)
{
	*s = (struct hook_stream){ .child = { .in = -1, .out = -1, .errors = -1, .gone = -1 } };
	buf_init(&s->answer, STREAM_ANSWER_MAX);
	buf_init(&s->errors, STREAM_ANSWER_MAX);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Bytes; 0: nothing now; -1: closed by it, and now by us. */
static ssize_t read_end(int *fd, char room[READ_ROOM], size_t most)
{
	ssize_t n = read(*fd, room, most);
	if (n > 0)
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	close_fd(fd);
	return -1;
}

static bool read_errors(struct hook_stream *s)
{
	char room[READ_ROOM];
	ssize_t n = read_end(&s->child.errors, room, sizeof(room));
	if (n > 0)
		hook_child_keep_tail(&s->errors, STREAM_ANSWER_MAX, room, (size_t)n);
	return n > 0;
}

/* What it has said until now. One that says more without end is not waited for. */
static void read_last_errors(struct hook_stream *s)
{
	for (int i = 0; i < READS_AT_END && s->child.errors >= 0 && read_errors(s); i++)
		;
}

static bool has_line(const struct hook_stream *s)
{
	return str_find_byte(buf_view(&s->answer), '\n', 0) != SIZE_MAX;
}

/* No more than one answer can be: the rest waits in the pipe, and the script with it. */
static bool read_answer(struct hook_stream *s)
{
	char room[READ_ROOM];
	size_t most = STREAM_ANSWER_MAX - s->answer.n;
	ssize_t n = most > 0 && !has_line(s) ? read_end(&s->child.out, room, most) : 0;
	if (n > 0)
		buf_add(&s->answer, room, (size_t)n);
	return n > 0;
}

/* For good, and all that it started. Its last words are kept. */
static void stop(struct hook_stream *s)
{
	hook_child_kill(&s->child);
	hook_child_kill_orphans();
	s->child.pid = 0;
	read_last_errors(s);
	close_fd(&s->child.in);
	close_fd(&s->child.out);
	close_fd(&s->child.errors);
	close_fd(&s->child.gone);
	buf_clear(&s->answer);
}

static int pause_until(const struct hook_child *c, int64_t deadline)
{
	int64_t left = deadline - clock_mono(&clock_system);
	int64_t most = c->gone < 0 ? LOOK_BLIND_MS : LOOK_MS;
	return (int)(left < 0 ? 0 : left < most ? left : most);
}

static void set_ends(struct pollfd ends[ENDS], const struct hook_child *c, int connection, short events)
{
	ends[END_IN] = (struct pollfd){ -1, POLLOUT, 0 };
	ends[END_OUT] = (struct pollfd){ c->out, POLLIN, 0 };
	ends[END_ERRORS] = (struct pollfd){ c->errors, POLLIN, 0 };
	ends[END_CHILD] = (struct pollfd){ c->gone, POLLIN, 0 };
	ends[END_CONNECTION] = (struct pollfd){ connection, events, 0 };
}

void hook_stream_idle(struct hook_stream *s, int connection)
{
	struct pollfd ends[ENDS];
	for (;;) {
		set_ends(ends, &s->child, connection, POLLIN);
		int64_t later = clock_mono(&clock_system) + LOOK_MS;
		(void)poll(ends, ENDS, s->child.pid == 0 ? -1 : pause_until(&s->child, later));
		if (s->child.errors >= 0 && ends[END_ERRORS].revents != 0)
			(void)read_errors(s);
		hook_child_reap_strays(&s->child);
		/* It has ended, or it speaks unasked. */
		if (s->child.pid != 0 && (hook_child_take_exit(&s->child) || ends[END_OUT].revents != 0))
			stop(s);
		if (ends[END_CONNECTION].revents != 0)
			return;
	}
}

static void hear_no_more(struct exchange *x)
{
	int64_t soon = clock_mono(&clock_system) + END_GRACE_MS;
	x->deaf = true;
	if (soon < x->deadline)
		x->deadline = soon;
}

static void write_line(struct exchange *x)
{
	struct str rest = str_skip(x->req->input, x->written);
	ssize_t n = write(x->stream->child.in, rest.p, rest.n);
	if (n > 0)
		x->written += (size_t)n;
	if (n >= 0 || errno == EAGAIN || errno == EINTR)
		return;
	close_fd(&x->stream->child.in);
	hear_no_more(x);
}

static bool answered(const struct exchange *x)
{
	return x->written == x->req->input.n && has_line(x->stream);
}

static void wait_for_something(struct exchange *x)
{
	struct hook_child *c = &x->stream->child;
	set_ends(x->ends, c, x->ends[END_CONNECTION].fd, POLLRDHUP);
	if (x->written < x->req->input.n)
		x->ends[END_IN].fd = c->in;
	if (has_line(x->stream))
		x->ends[END_OUT].fd = -1;
	(void)poll(x->ends, ENDS, pause_until(c, x->deadline));
	if (c->in >= 0 && x->ends[END_IN].revents != 0)
		write_line(x);
	if (c->out >= 0 && x->ends[END_OUT].revents != 0) {
		(void)read_answer(x->stream);
		if (c->out < 0)
			hear_no_more(x);
	}
	if (c->errors >= 0 && x->ends[END_ERRORS].revents != 0)
		(void)read_errors(x->stream);
	hook_child_reap_strays(c);
}

static enum outcome judge(struct exchange *x)
{
	struct hook_stream *s = x->stream;
	if (x->ends[END_CONNECTION].revents != 0)
		return LEFT;
	if (answered(x))
		return ANSWERED;
	if (s->answer.n == STREAM_ANSWER_MAX && !has_line(s))
		return ENDLESS;
	if (hook_child_take_exit(&s->child)) {
		/* What it said before is in the pipe. */
		while (s->child.out >= 0 && read_answer(s))
			;
		return answered(x) ? ANSWERED : DIED;
	}
	if (clock_mono(&clock_system) >= x->deadline)
		return x->deaf ? DEAF : LATE;
	return WAITING;
}

static struct str take_line(struct hook_stream *s)
{
	struct str rest = buf_view(&s->answer);
	return str_trim(str_cut(&rest, '\n'));
}

static int status_of(struct str line)
{
	if (str_eq(line, STR("OK")))
		return 0;
	return str_eq(line, STR("RETRY")) || str_starts(line, STR("RETRY ")) ? EXIT_LATER : EXIT_FAILED;
}

/* The answer, and whether the script may stay. */
static bool take_answer(struct exchange *x, struct buf *words, struct hook_result *result)
{
	struct hook_stream *s = x->stream;
	struct str line = take_line(s);
	size_t used = str_find_byte(buf_view(&s->answer), '\n', 0) + 1;
	bool stays = used == s->answer.n && s->child.pid != 0;
	read_last_errors(s); /* what is beside this answer is not beside the next one */
	result->exit_status = status_of(line);
	buf_str(words, line);
	buf_shift(&s->answer, used);
	return stays;
}

static void take_death(const struct hook_child *c, struct buf *words, struct hook_result *result)
{
	result->signal = c->signal;
	if (c->signal == 0) {
		result->exit_status = EXIT_LATER;
		buf_fmt(words, "the stream ended with status %d before it answered", c->exit_status);
	}
}

/* False: the script is of no more use. */
static bool conclude(struct exchange *x, struct buf *words, struct hook_result *result)
{
	switch (x->outcome) {
	case ANSWERED:
		return take_answer(x, words, result);
	case ENDLESS:
		result->exit_status = EXIT_FAILED;
		buf_fmt(words, "an answer of more than %u bytes", STREAM_ANSWER_MAX);
		return false;
	case DIED:
		take_death(&x->stream->child, words, result);
		return false;
	case LATE:
		result->timed_out = true;
		return false;
	case DEAF:
		result->exit_status = EXIT_LATER;
		buf_str(words, STR("the stream closed its input or output before it answered"));
		return false;
	case WAITING:
	case LEFT:
		break;
	}
	return false;
}

/* The end of stderr before what is known better: the last words count most. */
static void tell(struct hook_stream *s, const struct hook_request *req, struct str words, struct buf *output)
{
	struct str errors = buf_view(&s->errors);
	hook_child_keep_tail(output, req->output_max, errors.p, errors.n);
	if (errors.n > 0 && errors.p[errors.n - 1] != '\n')
		hook_child_keep_tail(output, req->output_max, "\n", 1);
	hook_child_keep_tail(output, req->output_max, words.p, words.n);
}

static bool start(struct hook_stream *s, const struct hook_request *req, struct hook_result *result)
{
	if (s->child.pid != 0)
		return true;
	result->failure = hook_child_start(&s->child, req, true);
	return result->failure == NULL;
}

void hook_stream_run(struct hook_stream *s, const struct hook_request *req, int connection,
    struct buf *output, struct hook_result *result)
{
	struct exchange x = { .stream = s, .req = req };
	struct buf words;
	*result = (struct hook_result){ .exit_status = -1 };
	buf_clear(output);
	buf_clear(&s->errors);
	x.deadline = clock_mono(&clock_system) + req->timeout_ms;
	x.ends[END_CONNECTION].fd = connection;
	if (!start(s, req, result))
		return;
	while (x.outcome == WAITING) {
		wait_for_something(&x);
		x.outcome = judge(&x);
	}
	buf_init(&words, STREAM_ANSWER_MAX + 1);
	if (!conclude(&x, &words, result))
		stop(s);
	tell(s, req, buf_view(&words), output);
	buf_fini(&words);
	result->output = buf_view(output);
}

/* What it still says is thrown away, so that it need not wait for a reader. */
static void let_it_end(struct hook_stream *s)
{
	struct pollfd ends[ENDS];
	int64_t deadline = clock_mono(&clock_system) + END_GRACE_MS;
	while (!hook_child_take_exit(&s->child) && clock_mono(&clock_system) < deadline) {
		set_ends(ends, &s->child, -1, 0);
		(void)poll(ends, ENDS, pause_until(&s->child, deadline));
		buf_clear(&s->answer);
		if (s->child.out >= 0 && ends[END_OUT].revents != 0)
			(void)read_answer(s);
		if (s->child.errors >= 0 && ends[END_ERRORS].revents != 0)
			(void)read_errors(s);
		hook_child_reap_strays(&s->child);
	}
}

void hook_stream_end(struct hook_stream *s)
{
	if (s->child.pid != 0) {
		close_fd(&s->child.in);
		let_it_end(s);
		stop(s);
	}
	buf_fini(&s->answer);
	buf_fini(&s->errors);
}
