/*
 * service: opens journal, state and stores, connects the engine with the world, runs the loop, drains, closes. Owns every
 * part; decides nothing.
 */
#include "daemon/run/service.h"
#include "daemon/base/log.h"
#include "daemon/conf/needs.h"
#include "daemon/pipe/storage.h"
#include "daemon/run/loop.h"
#include "daemon/run/notify.h"
#include "daemon/run/service_priv.h"
#include "daemon/store/state_file.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define DIRECTORY_MODE 0750
#define REQUESTS_MODE 0770
#define JOURNAL_SEGMENTS_MAX 16 /* 256 MiB: a day of a busy daemon whose stores cannot be written */
#define RETURNED_BYTES (128 << 10) /* of one piece of memory, or of what is free at the end of all */
#define POLL_GRID_MS 10 /* polls that fall due within it share a turn; more would make turns long */
#define CLOSE_TURNS 1000 /* turns of the loop to close handles in; more means a handle was forgotten */

static const struct {
	enum err_kind kind;
	int status;
} statuses[] = {
	{ ERR_CONFIG, EX_CONFIG },
	{ ERR_BUSY, EX_TEMPFAIL },
	{ ERR_NOMEM, EX_OSERR },
};

static int status_of(const struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].kind == e->kind)
			return statuses[i].status;
	return EX_IOERR;
}

static bool open_journal(struct service *s, struct err *e)
{
	char path[4096];
	struct journal_recovery r = { 0 };
	const struct conf_storage *c = &s->conf->storage;
	snprintf(path, sizeof(path), "%s/journal", c->state_directory);
	const struct journal_options options = { path, JOURNAL_SEGMENT_SIZE, JOURNAL_SEGMENTS_MAX };
	if (!fs_make_dirs(&fs_system, c->state_directory, DIRECTORY_MODE, e) ||
	    !fs_make_dirs(&fs_system, c->directory, DIRECTORY_MODE, e) ||
	    !journal_open(&fs_system, &options, &s->journal, &r, e))
		return false;
	log_info("journal", LOG_INT("first", r.first_lsn), LOG_INT("last", r.last_lsn),
	    LOG_INT("torn_bytes", r.torn_bytes));
	if (r.damaged_files)
		log_error(
		    "journal-set-aside", LOG_INT("files", r.damaged_files), LOG_CSTR("directory", path));
	return true;
}

/* The group of the daemon may ask; its umask would not let it. A folder that was there keeps its permissions. */
static bool open_requests(struct service *s, struct err *e)
{
	struct fs_stat st;
	snprintf(s->requests_path, sizeof(s->requests_path), "%s/requests", s->conf->storage.state_directory);
	if (fs_system.stat(&fs_system, s->requests_path, &st) == 0)
		return true;
	if (!fs_make_dirs(&fs_system, s->requests_path, REQUESTS_MODE, e))
		return false;
	return chmod(s->requests_path, REQUESTS_MODE) == 0 ||
	       err_set(e, ERR_IO, errno, "%s", s->requests_path);
}

static bool open_stores(struct service *s, struct err *e)
{
	const char *names[STORAGE_NAMES_MAX];
	size_t count = storage_names(s->classifier, names);
	const struct stores_policy policy = storage_policy(s->conf);
	struct stores_report r = { 0 };
	if (!stores_open(
	        &fs_system, &policy, s->journal, names, count, clock_wall(&clock_system), &s->stores, &r, e))
		return false;
	if (r.torn_lines_completed || r.holes_filled || r.lines_rolled_forward || r.takeovers_finished ||
	    r.note[0])
		log_warn("stores", LOG_CSTR("result", "repaired"),
		    LOG_INT("torn_lines", r.torn_lines_completed), LOG_INT("holes", r.holes_filled),
		    LOG_INT("lines", r.lines_rolled_forward), LOG_INT("takeovers", r.takeovers_finished),
		    LOG_CSTR("note", r.note));
	return true;
}

static bool open_state(struct service *s, struct err *e)
{
	char path[4096];
	struct state_mending m;
	snprintf(path, sizeof(path), "%s/state.db", s->conf->storage.state_directory);
	if (!state_open_mended(&fs_system, path, clock_wall(&clock_system), &s->state, &m, e))
		return false;
	if (m.aside[0] != '\0')
		log_error("state-set-aside", LOG_CSTR("file", m.aside), LOG_CSTR("reason", m.damage.text));
	return true;
}

/* Its only purpose is to end the wait: decisions are taken before the next one. */
static void on_wake(uv_timer_t *t)
{
	(void)t;
}

static void arm_wake(struct service *s)
{
	int64_t next = engine_next(s->engine, POLL_GRID_MS), now = clock_mono(&clock_system);
	if (next == INT64_MAX) {
		uv_timer_stop(&s->wake);
		return;
	}
	uv_update_time(&s->loop);
	uv_timer_start(&s->wake, on_wake, next > now ? (uint64_t)(next - now) : 0, 0);
}

/* A turn is everything between two waits. */
static void note_turn(struct service *s)
{
	uint64_t now = uv_hrtime(), idle = uv_metrics_idle_time(&s->loop);
	if (s->turned_at > 0)
		engine_note_turn(s->engine, (int64_t)(now - s->turned_at - (idle - s->idle)) / 1000);
	s->turned_at = now;
	s->idle = idle;
}

static void before_wait(uv_prepare_t *p)
{
	struct service *s = p->data;
	unsigned failed;
	if (s->stopping)
		return;
	engine_tick(s->engine);
	if (s->reload_for[0] != '\0') {
		service_reload(s, s->reload_for);
		s->reload_for[0] = '\0';
	}
	if (s->once && !s->draining && engine_round_done(s->engine, &failed)) {
		s->exit_status = failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
		service_drain(s);
	}
	if (s->draining && engine_idle(s->engine)) {
		s->stopping = true;
		uv_stop(&s->loop);
		return;
	}
	arm_wake(s);
	note_turn(s);
}

static bool open_loop(struct service *s, struct err *e)
{
	int failed = uv_prepare_init(&s->loop, &s->before_wait);
	if (failed == 0)
		failed = uv_timer_init(&s->loop, &s->wake);
	s->before_wait.data = s->wake.data = s;
	if (failed == 0)
		failed = uv_prepare_start(&s->before_wait, before_wait);
	if (failed != 0)
		return err_set(e, ERR_IO, -failed, "event loop");
	return service_watch_signals(s, e);
}

static unsigned descriptor_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	return limit.rlim_cur < UINT_MAX ? (unsigned)limit.rlim_cur : UINT_MAX;
}

static bool open_engine(struct service *s, struct err *e)
{
	const struct engine_parts parts = {
		.conf = s->conf,
		.classifier = s->classifier,
		.journal = s->journal,
		.stores = s->stores,
		.state = s->state,
		.ports = &s->ports,
		.open_files = descriptor_limit(),
	};
	return engine_new(&parts, &s->engine, e);
}

static void close_handle(uv_handle_t *h, void *ctx)
{
	(void)ctx;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

static void close_all(struct service *s)
{
	s->stopping = true; /* handles that still fire find no engine */
	engine_free(&s->engine); /* first: it cancels, through the ports, what is still under way */
	service_close_ports(s);
	status_file_fini(&s->status_file);
	stores_close(&s->stores);
	state_close(&s->state);
	journal_close(&s->journal);
	for (int turn = 0; turn < CLOSE_TURNS && uv_run(&s->loop, UV_RUN_NOWAIT) != 0; turn++)
		if (turn == 1) /* the parts have closed what is theirs */
			uv_walk(&s->loop, close_handle, NULL);
	(void)uv_loop_close(&s->loop);
}

/* A commit on the other thread must have ended before the journal may be closed, a checkpoint before the stores may, and a page or a part of the status
 * that is being made before what it reads by goes. Another job of the housekeeper need not: what it leaves is removed at the next start. */
static void finish_threads(struct service *s)
{
	web_stop(s->web);
	status_file_stop(&s->status_file);
	while (s->status_file.at_work || s->group != NULL ||
	       (s->working && stores_job_is_of_active(&s->job)) || web_is_busy(s->web))
		uv_run(&s->loop, UV_RUN_ONCE);
}

static void raise_descriptor_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static bool open_all(struct service *s, struct err *e)
{
	return open_loop(s, e) && service_open_ports(s, e) && open_journal(s, e) && open_requests(s, e) &&
	       open_state(s, e) && open_stores(s, e) && open_engine(s, e) && service_start_beat(s, e);
}

static void serve(struct service *s)
{
	log_info("start", LOG_CSTR("version", GAZETTED_VERSION), LOG_INT("feeds", s->conf->feed_count),
	    LOG_INT("topics", s->conf->topic_count), LOG_INT("alerts", s->conf->alert_count));
	notify_send("READY=1");
	if (s->once)
		engine_poll_once(s->engine);
	while (!s->stopping)
		uv_run(&s->loop, UV_RUN_DEFAULT);
	finish_threads(s);
	status_file_write_last(&s->status_file, (mode_t)s->conf->storage.file_mode);
	log_end_repeated(); /* "stopped" is the last line */
	log_info("stopped", LOG_INT("status", s->exit_status));
}

static bool run(struct service *s, struct err *e)
{
	if (!loop_open(&s->loop, conf_descriptors(s->conf), e))
		return false;
	bool opened = open_all(s, e);
	if (opened)
		serve(s);
	close_all(s);
	return opened;
}

/* Bodies and answers come and go by the megabyte: what they leave goes back to the system instead of staying for the largest crowd that ever was. */
static void return_memory(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, RETURNED_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, RETURNED_BYTES);
}

int service_run(const struct service_start *start)
{
	struct err e = { 0 };
	struct service *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return EX_OSERR;
	s->conf = start->conf;
	s->classifier = start->classifier;
	s->once = start->once;
	log_set_level((enum log_level)s->conf->log_level);
	umask(027);
	return_memory();
	raise_descriptor_limit();
	if (!run(s, &e)) {
		log_error("start", LOG_CSTR("kind", err_kind_name(e.kind)), LOG_CSTR("reason", e.text));
		s->exit_status = status_of(&e);
	}
	log_end_repeated();
	int status = s->exit_status;
	cls_free(&s->classifier);
	conf_drop(&s->conf);
	explicit_bzero(s->secrets, sizeof(s->secrets));
	if (s->working) /* its thread still reads *s, and libuv would wait for it at exit */
		_exit(status);
	free(s);
	return status;
}
