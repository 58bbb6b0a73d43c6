/* hooks: lanes to the hook runner under the loop. Owns the helper process and the lanes. */
#include "daemon/run/hooks.h"
#include "daemon/pipe/rules.h"
#include "daemon/run/hook_call.h"
#include "daemon/run/hook_runner.h"
#include "daemon/run/spawn.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

#define COMMAND_MAX (1u << 20) /* bytes: the words of one command */

/* The way of asks to one script, one after another. Without a name: one ask, and it is over. */
struct lane {
	struct hooks *hooks;
	LIST_ENTRY(lane) entry;
	char *name; /* of the stream, or NULL */
	struct buf command; /* of the stream: its words, each with a NUL */
	struct hook_call *call; /* NULL: not connected */
	STAILQ_HEAD(hook_asks, hook_ask) asks; /* not sent yet */
	uint64_t id; /* of the one that was sent */
	bool busy; /* it was not answered yet, or the next is being sent */
	bool leaving; /* takes no further asks, and goes with its last answer */
};

struct hooks {
	uv_loop_t *loop;
	struct hooks_events events;
	char *path; /* of the socket unit, or NULL */
	pid_t pid; /* of the helper; 0: none */
	int runner; /* socket to it */
	LIST_HEAD(lanes, lane) lanes;
};

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

/* *theirs: what the helper gets; -1 where systemd has made the other end. */
static bool open_connection(struct hooks *h, int *ours, int *theirs, struct err *e)
{
	*theirs = -1;
	if (h->path != NULL)
		return hook_runner_connect_path(h->path, ours, e);
	return hook_runner_connection(ours, theirs, e);
}

static bool hand_over(struct hooks *h, int theirs, struct err *e)
{
	struct err first = { 0 };
	if (h->pid != 0 && hook_runner_give(h->runner, theirs, &first))
		return true;
	/* A helper that was lost is started again; one that is only busy stays. */
	if (first.kind == ERR_BUSY && first.sys == EAGAIN)
		return err_set(e, first.kind, 0, "%s", first.text);
	helper_end(h);
	return helper_start(h, e) && hook_runner_give(h->runner, theirs, e);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void add_command(char *const *argv, struct buf *out)
{
	for (; *argv != NULL; argv++)
		buf_add(out, *argv, strlen(*argv) + 1);
}

static void lane_free(struct lane **lp)
{
	struct lane *l = *lp;
	struct hook_ask *ask;
	*lp = NULL;
	LIST_REMOVE(l, entry);
	while ((ask = STAILQ_FIRST(&l->asks)) != NULL) {
		STAILQ_REMOVE_HEAD(&l->asks, entry);
		hook_ask_free(&ask);
	}
	hook_call_close(&l->call);
	buf_fini(&l->command);
	free(l->name);
	free(l);
}

static struct lane *lane_new(struct hooks *h, const struct hook_request *req)
{
	struct lane *l = calloc(1, sizeof(*l));
	if (l == NULL)
		return NULL;
	l->hooks = h;
	l->leaving = req->stream == NULL;
	STAILQ_INIT(&l->asks);
	buf_init(&l->command, COMMAND_MAX);
	LIST_INSERT_HEAD(&h->lanes, l, entry);
	if (req->stream == NULL)
		return l;
	l->name = strdup(req->stream);
	add_command(req->argv, &l->command);
	if (l->name == NULL || l->command.failed)
		lane_free(&l);
	return l;
}

static void lane_leave(struct lane *l)
{
	l->leaving = true;
	if (!l->busy)
		lane_free(&l);
}

static bool is_stream_of(const struct lane *l, const char *name, char *const *argv)
{
	struct buf command;
	buf_init(&command, COMMAND_MAX);
	add_command(argv, &command);
	bool same = str_eq(str_from(l->name), str_from(name)) && !command.failed &&
	            str_eq(buf_view(&l->command), buf_view(&command));
	buf_fini(&command);
	return same;
}

/* The stream's, else a new one. A stream whose command has changed leaves to it. */
static struct lane *lane_for(struct hooks *h, const struct hook_request *req)
{
	struct lane *l, *next;
	for (l = req->stream ? LIST_FIRST(&h->lanes) : NULL; l != NULL; l = next) {
		next = LIST_NEXT(l, entry);
		if (l->leaving || !str_eq(str_from(l->name), str_from(req->stream)))
			continue;
		if (is_stream_of(l, req->stream, req->argv))
			return l;
		lane_leave(l);
	}
	return lane_new(h, req);
}

static hook_told_f on_told;

/* Takes the first ask, whose id is l->id then. The helper gets its end when the request is in it: it starts the script at once, and what it does
 * besides, which takes longer than all else here, delays no request. */
static bool lane_send(struct lane *l, struct err *e)
{
	struct hooks *h = l->hooks;
	struct hook_ask *ask = STAILQ_FIRST(&l->asks);
	int ours, theirs = -1;
	STAILQ_REMOVE_HEAD(&l->asks, entry);
	l->id = ask->id;
	if (l->call == NULL && !(open_connection(h, &ours, &theirs, e) &&
	                           hook_call_open(h->loop, ours, on_told, l, &l->call, e))) {
		close_fd(theirs);
		hook_ask_free(&ask);
		return false;
	}
	hook_call_send(l->call, &ask);
	bool sent = theirs < 0 || hand_over(h, theirs, e);
	close_fd(theirs);
	if (sent)
		l->busy = true;
	else
		hook_call_close(&l->call);
	return sent;
}

/* The next ask; those that cannot be sent have failed. */
static void lane_go_on(struct lane *l)
{
	struct hooks *h = l->hooks;
	while (!STAILQ_EMPTY(&l->asks)) {
		struct err e = { 0 };
		if (lane_send(l, &e))
			return;
		const struct hook_result result = { .exit_status = -1, .failure = e.text };
		h->events.done(h->events.ctx, l->id, &result);
	}
	l->busy = false;
	if (l->leaving)
		lane_free(&l);
}

static void on_told(void *ctx, const struct hook_result *result, bool lost)
{
	struct lane *l = ctx;
	struct hooks *h = l->hooks;
	if (lost)
		l->call = NULL;
	if (result == NULL)
		return;
	h->events.done(h->events.ctx, l->id, result);
	lane_go_on(l);
}

bool hooks_run(struct hooks *h, const struct hook_request *req, struct err *e)
{
	struct hook_ask *ask = hook_ask_new(req);
	struct lane *l = ask ? lane_for(h, req) : NULL;
	if (l == NULL) {
		hook_ask_free(&ask);
		return err_nomem(e);
	}
	STAILQ_INSERT_TAIL(&l->asks, ask, entry);
	if (l->busy || lane_send(l, e))
		return true;
	lane_free(&l);
	return false;
}

typedef bool lane_stays_f(const void *ctx, const struct lane *l);

static void send_away(struct hooks *h, lane_stays_f *stays, const void *ctx)
{
	struct lane *l, *next;
	for (l = LIST_FIRST(&h->lanes); l != NULL; l = next) {
		next = LIST_NEXT(l, entry);
		if (!stays(ctx, l))
			lane_leave(l);
	}
}

static lane_stays_f none_stays;
static bool none_stays(const void *ctx, const struct lane *l)
{
	(void)ctx;
	(void)l;
	return false;
}

static lane_stays_f stays_by_conf;
static bool stays_by_conf(const void *ctx, const struct lane *l)
{
	const struct conf_alert *a = rules_find(ctx, str_from(l->name));
	return a != NULL && a->mode == CONF_MODE_STREAM && is_stream_of(l, a->name, a->exec);
}

void hooks_keep_streams(struct hooks *h, const struct conf *conf)
{
	send_away(h, stays_by_conf, conf);
}

void hooks_drain(struct hooks *h)
{
	send_away(h, none_stays, NULL);
}

bool hooks_configure(struct hooks *h, const char *socket_path, struct err *e)
{
	char *copy = socket_path ? strdup(socket_path) : NULL;
	if (socket_path != NULL && copy == NULL)
		return err_nomem(e);
	if (!str_eq(str_from(h->path), str_from(copy)))
		send_away(h, none_stays, NULL);
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
	struct lane *l;
	if (h == NULL)
		return;
	*hp = NULL;
	while ((l = LIST_FIRST(&h->lanes)) != NULL)
		lane_free(&l);
	helper_end(h);
	free(h->path);
	free(h);
}
