/* service_priv: what the pieces of the service share. */
#ifndef RUN_SERVICE_PRIV_H
#define RUN_SERVICE_PRIV_H

#include "daemon/pipe/engine.h"
#include "daemon/run/hooks.h"
#include "daemon/run/listener.h"
#include "daemon/run/net.h"
#include "daemon/run/pool.h"
#include "daemon/run/secret.h"
#include "daemon/run/service.h"
#include "daemon/run/status_file.h"
#include "daemon/run/web.h"

#include <uv.h>

struct service {
	uv_loop_t loop;
	uv_prepare_t before_wait; /* decisions are taken here, once for each turn of the loop */
	uint64_t turned_at,
	    idle; /* ns: when the last turn ended, and for how long the loop had waited by then */
	uv_timer_t wake; /* armed to engine_next */
	uv_timer_t beat; /* status file, watchdog */
	uv_timer_t patience; /* ends a drain that takes too long */
	uv_signal_t signals[4];
	uv_work_t commit_work;
	uv_work_t job_work;

	struct conf *conf;
	struct classifier *classifier;
	struct journal *journal;
	struct stores *stores;
	struct state *state;
	struct engine *engine;
	struct net *net;
	struct pool *pool;
	struct hooks *hooks;
	struct listener *listener; /* or NULL */
	struct web *web; /* or NULL */
	struct ports ports;

	const struct journal_group *group; /* being committed */
	struct err commit_error;
	struct stores_job job;
	struct err job_error;
	char requests_path[4096];
	char reload_for[128]; /* name of the request that wants a reload; "": none */
	char secrets[SECRET_USES][SECRET_MAX]; /* the last that were asked for */
	bool working; /* on the job */

	uint64_t random[32]; /* for jitter: the kernel is asked for many at a time */
	size_t random_left;
	uint64_t beats;
	struct status_file status_file;
	uint64_t returned; /* loop time when free memory last went back */
	uint64_t status_begun; /* loop time of the last one */
	bool once, draining, stopping;
	int exit_status;
};

/* ports.c: the real versions of the seams. Opens net, pool and hooks. */
bool service_open_ports(struct service *s, struct err *e) MUST_CHECK;
struct fetch_keep service_keeps(const struct conf *c);
void service_close_ports(struct service *s);

/* callbacks.c: hubs on the daemon's server. */
bool service_open_listener(struct service *s, struct err *e);
struct port_callbacks service_callbacks(struct service *s);

/* signals.c */
bool service_watch_signals(struct service *s, struct err *e) MUST_CHECK;
void service_drain(struct service *s);

/* reload.c: `request`: the name of the request that wants it, or NULL: a signal. */
void service_reload(struct service *s, const char *request);

/* beat.c: when the status file is written, and what systemd is told. */
bool service_start_beat(struct service *s, struct err *e) MUST_CHECK;
/* Of the state's folder, replaced by rename; not synced: what stands in it describes a moment. */
bool service_replace_file(const struct service *s, const char *name, struct str contents);

#endif
