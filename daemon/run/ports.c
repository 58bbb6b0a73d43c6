/* ports: the real versions of the engine's seams. Each adapter has three moves: recover the service, call, report. */
#include "daemon/run/notify.h"
#include "daemon/run/service_priv.h"

#include <stdio.h>
#include <sys/random.h>

static void on_fetched(void *ctx, uint64_t id, const struct fetch_result *result)
{
	struct service *s = ctx;
	engine_on_fetched(s->engine, id, result);
}

static void on_answer(void *ctx, uint64_t id, struct str frame, int64_t took)
{
	struct service *s = ctx;
	engine_on_answer(s->engine, id, frame, took);
}

static void on_worker_lost(void *ctx, uint64_t id, const char *why)
{
	struct service *s = ctx;
	engine_on_worker_lost(s->engine, id, why);
}

static void on_hook(void *ctx, uint64_t id, const struct hook_result *result)
{
	struct service *s = ctx;
	engine_on_hook(s->engine, id, result);
}

static bool fetcher_port_start(void *ctx, uint64_t id, const struct fetch_request *req, struct err *e)
{
	struct service *s = ctx;
	return net_start(s->net, id, req, e);
}

static void fetcher_port_cancel(void *ctx, uint64_t id)
{
	struct service *s = ctx;
	net_cancel(s->net, id);
}

/* Read anew for each request, so that a changed secret needs no reload; wiped by the next. */
static const char *fetcher_port_secret(void *ctx, enum secret_use use, const char *path)
{
	struct service *s = ctx;
	return secret_read(path, s->secrets[use]) ? s->secrets[use] : NULL;
}

static bool workers_port_submit(void *ctx, uint64_t id, bool slow, struct buf *frame, struct err *e)
{
	struct service *s = ctx;
	return pool_submit(s->pool, id, slow, frame, e);
}

static bool hooks_port_run(void *ctx, const struct hook_request *req, struct err *e)
{
	struct service *s = ctx;
	return hooks_run(s->hooks, req, e);
}

/* On a thread of libuv's pool: touches the journal's writing end and the error, nothing else. */
static void commit_on_thread(uv_work_t *work)
{
	struct service *s = work->data;
	err_clear(&s->commit_error);
	if (!journal_commit(s->journal, s->group, &s->commit_error) && s->commit_error.kind == ERR_NONE)
		err_set(&s->commit_error, ERR_IO, 0, "commit failed");
}

static void on_commit_done(uv_work_t *work, int status)
{
	struct service *s = work->data;
	(void)status; /* never cancelled */
	s->group = NULL;
	engine_on_committed(s->engine, s->commit_error.kind == ERR_NONE ? NULL : &s->commit_error);
}

static void journal_port_commit(void *ctx, const struct journal_group *group)
{
	struct service *s = ctx;
	s->group = group;
	s->commit_work.data = s;
	uv_queue_work(&s->loop, &s->commit_work, commit_on_thread, on_commit_done);
}

static void job_on_thread(uv_work_t *work)
{
	struct service *s = work->data;
	err_clear(&s->job_error);
	if (!stores_job_run(&fs_system, &s->job, &s->job_error) && s->job_error.kind == ERR_NONE)
		err_set(&s->job_error, ERR_IO, 0, "housekeeping failed");
}

static void on_job_done(uv_work_t *work, int status)
{
	struct service *s = work->data;
	(void)status;
	s->working = false;
	if (s->stopping)
		return;
	engine_on_job(s->engine, s->job_error.kind == ERR_NONE ? NULL : &s->job_error);
}

static void housekeeper_port_run(void *ctx, const struct stores_job *job)
{
	struct service *s = ctx;
	s->job = *job;
	s->job_work.data = s;
	s->working = true;
	uv_queue_work(&s->loop, &s->job_work, job_on_thread, on_job_done);
}

static int64_t housekeeper_port_free_bytes(void *ctx, const char *directory)
{
	(void)ctx;
	return fs_system.free_bytes(&fs_system, directory);
}

static bool entropy(void *ctx, void *p, size_t n)
{
	(void)ctx;
	return getrandom(p, n, 0) == (ssize_t)n;
}

/* Jitter only: without entropy it is merely less even. */
static uint64_t random_bits(void *ctx)
{
	struct service *s = ctx;
	if (s->random_left == 0) {
		(void)!getrandom(s->random, sizeof(s->random), GRND_NONBLOCK);
		s->random_left = ARRAY_LEN(s->random);
	}
	return s->random[--s->random_left];
}

/* Reading all records of a state that is gone takes longer than a manager waits for a start: it would kill it, again and again. */
static void goes_on(void *ctx)
{
	(void)ctx;
	notify_send("EXTEND_TIMEOUT_USEC=120000000\nWATCHDOG=1\nSTATUS=Reading what there is");
}

static void note_reload(void *ctx, const char *request)
{
	struct service *s = ctx;
	snprintf(s->reload_for, sizeof(s->reload_for), "%s", request);
}

struct fetch_keep service_keeps(const struct conf *c)
{
	return (struct fetch_keep){
		.requests = (unsigned)c->hosts.concurrency,
		.connections = (unsigned)c->hosts.idle_connections,
		.idle_ms = c->hosts.idle_for,
	};
}

bool service_open_ports(struct service *s, struct err *e)
{
	const struct fetch_keep keep = service_keeps(s->conf);
	const struct net_events net_events = { s, on_fetched };
	const struct pool_events pool_events = { s, on_answer, on_worker_lost };
	const struct hooks_events hooks_events = { s, on_hook };
	s->ports = (struct ports){
		.clock = &clock_system,
		.fetcher = { s, fetcher_port_start, fetcher_port_cancel, fetcher_port_secret },
		.workers = { s, workers_port_submit },
		.journal = { s, journal_port_commit },
		.hooks = { s, hooks_port_run },
		.housekeeper = { s, housekeeper_port_run, housekeeper_port_free_bytes },
		.requests = { &fs_system, s->requests_path, note_reload, s },
		.callbacks = service_callbacks(s),
		.entropy = entropy,
		.goes_on = goes_on,
		.random = random_bits,
		.random_ctx = s,
	};
	return hooks_open(&s->loop, s->conf->hooks.socket, &hooks_events, &s->hooks, e) &&
	       pool_open(&s->loop, s->conf, &pool_events, &s->pool, e) &&
	       net_open(&s->loop, &keep, &net_events, &s->net, e) && service_open_listener(s, e) &&
	       (s->once || web_open(&s->loop, s->conf, &s->web, e));
}

void service_close_ports(struct service *s)
{
	listener_close(&s->listener);
	web_close(&s->web);
	net_close(&s->net);
	pool_close(&s->pool);
	hooks_close(&s->hooks);
}
