/* hooks: connections to the hook runner under the loop. Owns the helper process; knows no alert. */
#include "daemon/run/hooks.h"
#include "daemon/base/arena.h"
#include "daemon/run/hook_frame.h"
#include "daemon/run/hook_runner.h"
#include "daemon/run/spawn.h"
#include "daemon/run/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

#define READ_ROOM (16u << 10) /* bytes asked for at a time */
#define GRACE_MS 10000 /* beyond the script's own deadline, for killing what it left */
#define WORDS_ARENA (64u << 10) /* bytes: the words of one answer */

struct hook_call {
	struct hooks *hooks;
	LIST_ENTRY(hook_call) entry;
	uint64_t id;
	uv_pipe_t pipe;
	uv_timer_t deadline;
	unsigned open_handles;
	struct buf out, in;
	uv_write_t write;
	unsigned char header[WIRE_HEADER];
	bool told;
};

struct hooks {
	uv_loop_t *loop;
	struct hooks_events events;
	char *path; /* of the socket unit, or NULL */
	pid_t pid; /* of the helper; 0: none */
	int runner; /* socket to it */
	LIST_HEAD(hook_calls, hook_call) calls;
};

static void on_handle_closed(uv_handle_t *handle)
{
	struct hook_call *c = handle->data;
	if (--c->open_handles > 0)
		return;
	buf_fini(&c->in);
	buf_fini(&c->out);
	free(c);
}

static void call_close(struct hook_call *c)
{
	LIST_REMOVE(c, entry);
	uv_close((uv_handle_t *)&c->pipe, on_handle_closed);
	uv_close((uv_handle_t *)&c->deadline, on_handle_closed);
}

static void call_end(struct hook_call *c, const struct hook_result *result)
{
	struct hooks *h = c->hooks;
	if (c->told)
		return;
	c->told = true;
	h->events.done(h->events.ctx, c->id, result);
	call_close(c);
}

static void call_failed(struct hook_call *c, const char *why, bool timed_out)
{
	const struct hook_result result = { .exit_status = -1, .failure = why, .timed_out = timed_out };
	call_end(c, &result);
}

static void on_deadline(uv_timer_t *t)
{
	call_failed(t->data, "the hook runner gave no answer in time", true);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct hook_call *c = handle->data;
	(void)suggested;
	char *room = buf_reserve(&c->in, READ_ROOM);
	*out = uv_buf_init(room, room ? READ_ROOM : 0);
}

static void take_result(struct hook_call *c, enum wire_type type, struct str payload)
{
	struct hook_result result;
	struct err e = { 0 };
	struct arena *a = arena_new(WORDS_ARENA);
	if (a != NULL && type == WIRE_HOOK_RESULT && hook_result_decode(payload, a, &result, &e))
		call_end(c, &result);
	else
		call_failed(c, "the hook runner's answer cannot be read", false);
	arena_free(&a);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct hook_call *c = s->data;
	enum wire_type type;
	struct str payload;
	size_t used;
	(void)b;
	if (n < 0) {
		call_failed(c, "the hook runner closed the connection", false);
		return;
	}
	buf_grown(&c->in, (size_t)n);
	switch (wire_take(buf_view(&c->in), HOOK_RESULT_MAX, &type, &payload, &used)) {
	case WIRE_MORE:
		return;
	case WIRE_BROKEN:
		call_failed(c, "the hook runner answered with too much", false);
		return;
	case WIRE_FRAME:
		take_result(c, type, payload);
		return;
	}
}

static bool helper_start(struct hooks *h, struct err *e)
{
	if (spawn_self("--hook-runner", &h->pid, &h->runner, e))
		return true;
	h->pid = 0;
	return false;
}

static void helper_end(struct hooks *h)
{
	char words[96];
	if (h->pid == 0)
		return;
	close(h->runner);
	spawn_reap(h->pid, words, sizeof(words));
	h->pid = 0;
}

static bool open_connection(struct hooks *h, int *fd, struct err *e)
{
	struct err first = { 0 };
	if (h->path != NULL)
		return hook_runner_connect_path(h->path, fd, e);
	if (h->pid != 0 && hook_runner_connect(h->runner, fd, &first))
		return true;
	/* A helper that was lost is started again; one that is only busy stays. */
	if (first.kind == ERR_BUSY && first.sys == EAGAIN)
		return err_set(e, first.kind, 0, "%s", first.text);
	helper_end(h);
	return helper_start(h, e) && hook_runner_connect(h->runner, fd, e);
}

static struct hook_call *call_new(struct hooks *h, const struct hook_request *req)
{
	struct hook_call *c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->hooks = h;
	c->id = req->id;
	buf_init(&c->in, HOOK_RESULT_MAX + WIRE_HEADER + READ_ROOM);
	buf_init(&c->out, HOOK_REQUEST_MAX);
	hook_request_encode(req, &c->out);
	if (c->out.failed) {
		free(c);
		return NULL;
	}
	uv_pipe_init(h->loop, &c->pipe, 0);
	uv_timer_init(h->loop, &c->deadline);
	c->open_handles = 2;
	c->pipe.data = c->deadline.data = c;
	LIST_INSERT_HEAD(&h->calls, c, entry);
	return c;
}

bool hooks_run(struct hooks *h, const struct hook_request *req, struct err *e)
{
	int fd;
	if (!open_connection(h, &fd, e))
		return false;
	struct hook_call *c = call_new(h, req);
	if (c == NULL || uv_pipe_open(&c->pipe, fd) != 0) {
		close(fd);
		if (c != NULL)
			call_close(c);
		return err_nomem(e);
	}
	wire_header(WIRE_HOOK, c->out.n, c->header);
	uv_buf_t parts[2] = { uv_buf_init((char *)c->header, WIRE_HEADER),
		uv_buf_init(c->out.p, (unsigned)c->out.n) };
	/* A failure shows as the end of the stream. */
	(void)uv_write(&c->write, (uv_stream_t *)&c->pipe, parts, 2, NULL);
	uv_read_start((uv_stream_t *)&c->pipe, on_room, on_read);
	uv_timer_start(&c->deadline, on_deadline, (uint64_t)req->timeout_ms + GRACE_MS, 0);
	return true;
}

bool hooks_configure(struct hooks *h, const char *socket_path, struct err *e)
{
	char *copy = socket_path ? strdup(socket_path) : NULL;
	if (socket_path != NULL && copy == NULL)
		return err_nomem(e);
	free(h->path);
	h->path = copy;
	return true;
}

bool hooks_open(uv_loop_t *loop, const char *socket_path, const struct hooks_events *events,
    struct hooks **out, struct err *e)
{
	struct hooks *h = calloc(1, sizeof(*h));
	if (h == NULL)
		return err_nomem(e);
	h->loop = loop;
	h->events = *events;
	if (hooks_configure(h, socket_path, e) && (h->path != NULL || helper_start(h, e))) {
		*out = h;
		return true;
	}
	free(h->path);
	free(h);
	return false;
}

void hooks_close(struct hooks **hp)
{
	struct hooks *h = *hp;
	struct hook_call *c;
	if (h == NULL)
		return;
	*hp = NULL;
	while ((c = LIST_FIRST(&h->calls)) != NULL)
		call_close(c);
	helper_end(h);
	free(h->path);
	free(h);
}
