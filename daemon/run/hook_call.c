/* hook_call: a pipe, a deadline, and frames. Owns them until both handles are closed. */
#include "daemon/run/hook_call.h"
#include "daemon/base/arena.h"
#include "daemon/run/hook_frame.h"
#include "daemon/run/wire.h"

#include <stdlib.h>
#include <unistd.h>

#define READ_ROOM (16u << 10) /* bytes asked for at a time */
#define GRACE_MS 10000 /* beyond the script's own deadline, for killing what it left */
#define WORDS_ARENA (64u << 10) /* bytes: the words of one answer */

_Static_assert(sizeof(((struct hook_ask *)0)->header) == WIRE_HEADER, "an ask has room for its header");

struct hook_call {
	hook_told_f *told;
	void *ctx;
	uv_pipe_t pipe;
	uv_timer_t deadline;
	unsigned open_handles;
	struct buf in;
	bool waiting; /* for an answer */
};

struct hook_ask *hook_ask_new(const struct hook_request *req)
{
	struct hook_ask *ask = calloc(1, sizeof(*ask));
	if (ask == NULL)
		return NULL;
	ask->id = req->id;
	ask->timeout_ms = req->timeout_ms;
	buf_init(&ask->frame, HOOK_REQUEST_MAX);
	hook_request_encode(req, &ask->frame);
	if (ask->frame.failed)
		hook_ask_free(&ask);
	return ask;
}

void hook_ask_free(struct hook_ask **ask)
{
	if (*ask == NULL)
		return;
	buf_fini(&(*ask)->frame);
	free(*ask);
	*ask = NULL;
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct hook_call *c = handle->data;
	if (--c->open_handles > 0)
		return;
	buf_fini(&c->in);
	free(c);
}

void hook_call_close(struct hook_call **cp)
{
	struct hook_call *c = *cp;
	*cp = NULL;
	if (c == NULL)
		return;
	uv_close((uv_handle_t *)&c->pipe, on_handle_closed);
	uv_close((uv_handle_t *)&c->deadline, on_handle_closed);
}

static void lose(struct hook_call *c, const char *why, bool timed_out)
{
	const struct hook_result result = { .exit_status = -1, .failure = why, .timed_out = timed_out };
	bool waiting = c->waiting;
	struct hook_call *closing = c;
	hook_call_close(&closing);
	c->told(c->ctx, waiting ? &result : NULL, true);
}

static void on_deadline(uv_timer_t *t)
{
	lose(t->data, "the hook runner gave no answer in time", true);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct hook_call *c = handle->data;
	(void)suggested;
	char *room = buf_reserve(&c->in, READ_ROOM);
	*out = uv_buf_init(room, room ? READ_ROOM : 0);
}

/* The answer is a view into c->in, which is left alone until it was told. */
static void take_result(struct hook_call *c, enum wire_type type, struct str payload, size_t used)
{
	struct hook_result result;
	struct err e = { 0 };
	struct arena *a = arena_new(WORDS_ARENA);
	if (a != NULL && c->waiting && type == WIRE_HOOK_RESULT &&
	    hook_result_decode(payload, a, &result, &e)) {
		c->waiting = false;
		uv_timer_stop(&c->deadline);
		c->told(c->ctx, &result, false);
		buf_shift(&c->in, used);
	} else {
		lose(c, "the hook runner's answer cannot be read", false);
	}
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
		lose(c, "the hook runner closed the connection", false);
		return;
	}
	buf_grown(&c->in, (size_t)n);
	switch (wire_take(buf_view(&c->in), HOOK_RESULT_MAX, &type, &payload, &used)) {
	case WIRE_MORE:
		return;
	case WIRE_BROKEN:
		lose(c, "the hook runner answered with too much", false);
		return;
	case WIRE_FRAME:
		take_result(c, type, payload, used);
		return;
	}
}

bool hook_call_open(
    uv_loop_t *loop, int fd, hook_told_f *told, void *ctx, struct hook_call **out, struct err *e)
{
	struct hook_call *c = calloc(1, sizeof(*c));
	if (c == NULL) {
		close(fd);
		return err_nomem(e);
	}
	c->told = told;
	c->ctx = ctx;
	buf_init(&c->in, HOOK_RESULT_MAX + WIRE_HEADER + READ_ROOM);
	uv_pipe_init(loop, &c->pipe, 0);
	uv_timer_init(loop, &c->deadline);
	c->open_handles = 2;
	c->pipe.data = c->deadline.data = c;
	if (uv_pipe_open(&c->pipe, fd) != 0) {
		close(fd);
		hook_call_close(&c);
		return err_nomem(e);
	}
	uv_read_start((uv_stream_t *)&c->pipe, on_room, on_read);
	*out = c;
	return true;
}

static void on_written(uv_write_t *w, int status)
{
	struct hook_ask *ask = w->data;
	(void)status; /* a failure shows as the end of the stream */
	hook_ask_free(&ask);
}

void hook_call_send(struct hook_call *c, struct hook_ask **ap)
{
	struct hook_ask *ask = *ap;
	*ap = NULL;
	wire_header(WIRE_HOOK, ask->frame.n, ask->header);
	uv_buf_t parts[2] = { uv_buf_init((char *)ask->header, WIRE_HEADER),
		uv_buf_init(ask->frame.p, (unsigned)ask->frame.n) };
	ask->write.data = ask;
	c->waiting = true;
	uv_timer_start(&c->deadline, on_deadline, (uint64_t)ask->timeout_ms + GRACE_MS, 0);
	if (uv_write(&ask->write, (uv_stream_t *)&c->pipe, parts, 2, on_written) != 0)
		hook_ask_free(&ask);
}
