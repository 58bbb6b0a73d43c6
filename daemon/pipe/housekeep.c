/*
 * housekeep: what is done by the clock: writing out the stores, checkpoints, forgetting, sealing and compressing, watching the disk.
 * Nothing here touches the journal or the stores while a group is in flight.
 */
#include "daemon/pipe/engine_priv.h"
#include "daemon/store/state_delivery.h"

#include <errno.h>
#include <stdio.h>

#define FLUSH_RETRY_MS 1000 /* ms; a store that lags is tried again */
#define CATCH_UP_MS 1000 /* ms; the state that lags */
#define LINGER_MS 250 /* ms of groups in one transaction of the state: so much may be rolled forward */
#define AFTER_ALERT_MS 1000 /* ms; alerts done so briefly before a power cut may be repeated */
#define CHECKPOINT_MS 10000 /* ms between checkpoints while something is written */
#define CHECKPOINT_BYTES (32u << 20) /* bytes of lines after which one is due at once: two journal segments */
#define CHECKPOINT_BYTES_MAX (2 * CHECKPOINT_BYTES) /* after which it waits for nothing */
#define CHECKPOINT_RETRY_MS 100 /* ms; the pool's thread has something else to do */
#define RETAIN_MS 3600000 /* ms */
#define JOB_MS 5000 /* ms between looks for closed files */
#define JOBS_AGAIN_MS 300000 /* ms after which a seal, or a compression, is tried again */
#define SPACE_MS 10000 /* ms between looks at the free space */
#define EXPIRE_MS 86400000 /* ms */
#define DELIVERIES_KEPT_MS (7 * 86400000LL) /* ms that done ones are remembered: longer than any retry */
#define FORGET_MS 100 /* ms between two turns of forgetting items */
#define SEEN_MARGIN_MS (30 * 86400000LL) /* ms that names outlive retention, after they were last listed */

/* The worst first. */
static const size_t flags[HOUSE_TROUBLES] = {
	offsetof(struct house, commit_failed),
	offsetof(struct house, no_space),
	offsetof(struct house, state_lags),
	offsetof(struct house, store_lags),
	offsetof(struct house, checkpoint_failed),
};

const char *house_trouble(const struct engine *x)
{
	for (size_t i = 0; i < HOUSE_TROUBLES; i++)
		if (*((const bool *)&x->house + flags[i]))
			return x->house.troubles[i];
	return "";
}

/* What the state keeps beside its file is up to 16 MiB, and the only room that can be given back when the disk is full. */
static void begin_trouble(struct engine *x, bool *flag, const char *event, const struct err *why)
{
	if (why->sys == ENOSPC || why->sys == EDQUOT)
		state_shrink(x->parts.state);
	for (size_t i = 0; i < HOUSE_TROUBLES; i++)
		if (flag == (bool *)&x->house + flags[i])
			snprintf(x->house.troubles[i], sizeof(x->house.troubles[i]), "%s: %.150s", event,
			    why->text);
	if (*flag)
		return;
	*flag = true;
	log_error(event, LOG_CSTR("kind", err_kind_name(why->kind)), LOG_CSTR("error", why->text));
}

static void end_trouble(struct engine *x, bool *flag, const char *event)
{
	if (!*flag)
		return;
	*flag = false;
	log_info(event, LOG_INT("lsn", journal_next_lsn(x->parts.journal) - 1));
}

void house_commit_failed(struct engine *x, const struct err *why, int64_t now)
{
	begin_trouble(x, &x->house.commit_failed, "commit-failed", why);
	if (why->kind == ERR_BUSY) /* the journal is full: its consumers may have gone on */
		x->house.checkpoint_at = now;
}

void house_commit_worked(struct engine *x)
{
	end_trouble(x, &x->house.commit_failed, "commit-recovered");
}

void house_state_failed(struct engine *x, const struct err *why)
{
	begin_trouble(x, &x->house.state_lags, "state-lags", why);
	x->house.catch_up_at = mono(x) + CATCH_UP_MS;
}

void house_will_settle(struct engine *x)
{
	if (x->house.settle_at == INT64_MAX)
		x->house.settle_at = mono(x) + LINGER_MS;
}

/* It may have been lost at somebody else's hands, who had something to change. */
void house_settle(struct engine *x, int64_t now)
{
	struct err e = { .kind = ERR_NONE };

	(void)now;
	x->house.settle_at = INT64_MAX;
	if (state_settle(x->parts.state, &e) && state_has_lost(x->parts.state))
		err_set(&e, ERR_IO, 0, "state: what lingered is lost");
	if (e.kind != ERR_NONE && !x->house.state_lags)
		house_state_failed(x, &e);
}

/* What is nobody's fault of ours, and still to be known: files under other hands, entries that the disk did not keep. */
static void tell_odd(struct engine *x)
{
	uint64_t lost = journal_lost(x->parts.journal);
	char note[STORES_NOTE_MAX];

	if (stores_take_note(x->parts.stores, note))
		log_warn("stores-noted", LOG_CSTR("note", note));
	if (lost > x->house.lost)
		LOG_EACH(LOG_LEVEL_ERROR, "journal-damaged", LOG_INT("entries", lost - x->house.lost));
	x->house.lost = lost;
}

void house_flush(struct engine *x, int64_t now)
{
	struct house *h = &x->house;
	struct err e = { .kind = ERR_NONE };

	h->flush_at = INT64_MAX;
	if (h->checkpoint_at == INT64_MAX)
		h->checkpoint_at = now + CHECKPOINT_MS;
	if (h->bytes_since_checkpoint >= CHECKPOINT_BYTES)
		h->checkpoint_at = now;
	if (stores_flush(x->parts.stores, wall(x), &e)) {
		end_trouble(x, &h->store_lags, "store-caught-up");
		return;
	}
	begin_trouble(x, &h->store_lags, "store-lags", &e);
	h->flush_at = now + FLUSH_RETRY_MS;
}

static void catch_up(struct engine *x, int64_t now)
{
	struct err e = { .kind = ERR_NONE };
	uint64_t entries;

	x->house.catch_up_at = INT64_MAX;
	if (apply_roll_forward(x, &entries, &e)) {
		end_trouble(x, &x->house.state_lags, "state-caught-up");
		return;
	}
	begin_trouble(x, &x->house.state_lags, "state-lags", &e);
	x->house.catch_up_at = now + CATCH_UP_MS;
}

static bool is_about_active(const struct house *h)
{
	return h->working && stores_job_is_of_active(&h->job);
}

/* The journal's segments may go when both who follow it have what they need on the disk. */
static void end_checkpoint(struct engine *x, bool ok, uint64_t stored, uint64_t applied, struct err *e)
{
	if (ok && journal_release(x->parts.journal, stored < applied ? stored : applied, e)) {
		end_trouble(x, &x->house.checkpoint_failed, "checkpoint-recovered");
		return;
	}
	begin_trouble(x, &x->house.checkpoint_failed, "checkpoint-failed", e);
	x->house.checkpoint_at = mono(x) + CHECKPOINT_MS;
}

static void checkpoint_here(struct engine *x)
{
	struct err e = { .kind = ERR_NONE };
	uint64_t stored = 0;
	bool ok = stores_checkpoint(x->parts.stores, &stored, &e) && state_sync(x->parts.state, &e);

	end_checkpoint(x, ok, stored, state_applied_lsn(x->parts.state), &e);
}

/* What remains for this thread after the pool's, but when somebody reads an older state: then only its log can be made durable, by who writes it. */
static void on_checkpoint(struct engine *x, const struct err *failure)
{
	struct err e = failure ? *failure : (struct err){ .kind = ERR_NONE };
	uint64_t stored, applied = x->house.applied;
	bool folded, ok;

	stores_end_checkpoint(x->parts.stores, !failure, &stored, &folded);
	if (failure || x->house.checkpoint_at !=
	                   INT64_MAX) /* lines came meanwhile, and what a flush does besides was put off */
		x->house.flush_at = mono(x);
	ok = !failure && (folded || state_sync(x->parts.state, &e));
	end_checkpoint(x, ok, stored, applied, &e);
}

/* Alerts that begin while the thread has something to do are covered by the next. In a storm of them the thread's other work has every second turn. */
static void sync_stores(struct engine *x, int64_t now)
{
	const struct port_housekeeper *port = &x->ports->housekeeper;
	struct house *h = &x->house;

	h->synced = !h->synced || h->job_at > now;
	if (!h->synced)
		return;
	h->sync_at = INT64_MAX;
	if (!port->run || !stores_begin_sync(x->parts.stores, &h->job)) {
		h->checkpoint_at = now;
		return;
	}
	h->working = true;
	port->run(port->ctx, &h->job);
}

static void on_sync(struct engine *x, const struct err *failure)
{
	bool folded;
	uint64_t none;

	stores_end_checkpoint(x->parts.stores, !failure, &none, &folded);
	x->house.flush_at =
	    mono(x); /* what a flush does besides was put off, and a file that failed is written anew */
	if (failure)
		x->house.checkpoint_at = mono(x);
}

/* Syncs take tens of milliseconds when much was written: the pool's thread makes them. While it is busy with a closed file, which may take it seconds,
 * the checkpoint waits, unless the journal would fill up. */
static void checkpoint(struct engine *x, int64_t now)
{
	const struct port_housekeeper *port = &x->ports->housekeeper;
	struct house *h = &x->house;

	h->checkpoint_at = INT64_MAX;
	if (h->working && !h->commit_failed && h->bytes_since_checkpoint < CHECKPOINT_BYTES_MAX) {
		h->checkpoint_at = now + CHECKPOINT_RETRY_MS;
		return;
	}
	h->bytes_since_checkpoint = 0;
	house_settle(x, now);
	house_prune_cases(x);
	h->applied = state_applied_lsn(x->parts.state);
	h->sync_at = INT64_MAX; /* it syncs the same files */
	if (h->working || !port->run ||
	    !stores_begin_checkpoint(x->parts.stores, state_path(x->parts.state), &h->job)) {
		checkpoint_here(x);
		return;
	}
	h->working = true;
	port->run(port->ctx, &h->job);
}

void house_alert_is_out(struct engine *x)
{
	int64_t now = mono(x), soon = now + AFTER_ALERT_MS;

	x->house.sync_at = now;
	if (soon < x->house.checkpoint_at)
		x->house.checkpoint_at = soon;
}

static int64_t free_bytes(const struct engine *x)
{
	const struct port_housekeeper *port = &x->ports->housekeeper;

	return port->free_bytes ? port->free_bytes(port->ctx, x->conf->storage.directory) : -1;
}

/* That something went before its time is no matter of course: the operator should hear of it. False: nothing went. */
static bool tell_retained(struct engine *x, const struct stores_retained *r)
{
	unsigned files = 0;

	for (unsigned why = 0; why < STORES_REASONS; why++) {
		bool early = why == STORES_SPACE || why == STORES_HARD;

		if (r->files[why] == 0)
			continue;
		files += r->files[why];
		*(early ? &x->house.sacrificed : &x->house.expired) += r->files[why];
		LOG_EACH(early ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "retention",
		    LOG_CSTR("reason", stores_reason_name((enum stores_reason)why)),
		    LOG_INT("files", r->files[why]), LOG_INT("bytes", r->bytes[why]));
	}
	return files > 0;
}

/* When the newest poll was, as the state has it. */
static int64_t newest_poll(const struct engine *x)
{
	int64_t newest = 0;

	for (size_t i = 0; i < x->roster.count; i++)
		if (x->roster.feeds[i]->state.polled_at > newest)
			newest = x->roster.feeds[i]->state.polled_at;
	return newest;
}

/* Wall ms that things grow old by. */
static int64_t age_clock(struct engine *x)
{
	bool leapt;
	int64_t now;

	if (x->house.leap.wall == 0)
		leap_init(&x->house.leap, newest_poll(x), wall(x), mono(x));
	now = leap_now(&x->house.leap, wall(x), mono(x), &leapt);
	if (leapt)
		log_warn("clock-leapt", LOG_INT("ahead_s", (wall(x) - now) / 1000),
		    LOG_CSTR("effect", "nothing is deleted by its age for a day, unless it is set back"));
	return now;
}

static void retain(struct engine *x, int64_t now)
{
	struct stores_retained retained;
	struct err e = { .kind = ERR_NONE };

	if (!stores_retain(x->parts.stores, age_clock(x), free_bytes(x), &retained, &e))
		log_warn("retention-failed", LOG_CSTR("error", e.text));
	if (tell_retained(x, &retained))
		replays_prune(x);
	x->house.retain_at = now + (retained.held > 0 ? SPACE_MS : RETAIN_MS);
}

static void work_on_closed(struct engine *x, int64_t now)
{
	const struct port_housekeeper *port = &x->ports->housekeeper;

	x->house.job_at = now + JOB_MS;
	if (!port->run || !stores_next_job(x->parts.stores, &x->house.job))
		return;
	x->house.working = true;
	port->run(port->ctx, &x->house.job);
}

void engine_on_job(struct engine *x, const struct err *failure)
{
	bool sealing = x->house.job.kind == STORES_SEAL;
	const struct conf_storage *s = &x->conf->storage;

	x->house.working = false;
	if (stores_job_is_of_active(&x->house.job)) {
		(x->house.job.kind == STORES_SYNC ? on_sync : on_checkpoint)(x, failure);
		return;
	}
	x->house.job_at = mono(x);
	/* What closed files take has changed. Not looked at after each, for all are listed. */
	if ((s->keep_total > 0 || s->keep_hard > 0) && x->house.retain_at > mono(x) + SPACE_MS)
		x->house.retain_at = mono(x) + SPACE_MS;
	if (!failure)
		return;
	if (!stores_job_failed(x->parts.stores, &x->house.job, failure))
		x->house.jobs_again_at = mono(x) + JOBS_AGAIN_MS;
	log_warn(sealing ? "seal-failed" : "compression-failed", LOG_CSTR("error", failure->text));
}

static void jobs_again(struct engine *x, int64_t now)
{
	(void)now;
	x->house.jobs_again_at = INT64_MAX;
	stores_jobs_again(x->parts.stores);
}

static void watch_space(struct engine *x, int64_t now)
{
	const struct conf_storage *s = &x->conf->storage;
	int64_t bytes = free_bytes(x);
	struct err e = { .kind = ERR_NONE };

	x->house.space_at = now + SPACE_MS;
	if (bytes >= 0 && bytes < s->keep_free) {
		retain(x, now);
		bytes = free_bytes(x);
	}
	if (bytes < 0 || bytes >= s->free_floor) {
		end_trouble(x, &x->house.no_space, "space-recovered");
		return;
	}
	err_set(&e, ERR_LIMIT, 0, "%lld bytes free, the floor is %lld", (long long)bytes,
	    (long long)s->free_floor);
	begin_trouble(x, &x->house.no_space, "space-low", &e);
	roster_give_up_round(x);
}

/* A dead letter can be tried again for as long as its line is kept. */
static bool expire_deliveries(struct engine *x, int64_t today, int64_t keep, struct err *e)
{
	int64_t dead = keep > DELIVERIES_KEPT_MS ? keep : DELIVERIES_KEPT_MS;

	return state_delivery_expire(
	    x->parts.state, today - DELIVERIES_KEPT_MS, keep ? today - dead : INT64_MIN, e);
}

static void expire(struct engine *x, int64_t now)
{
	struct err e = { .kind = ERR_NONE };
	int64_t today = age_clock(x);
	int64_t keep = x->conf->storage.keep_for, before = today - keep - SEEN_MARGIN_MS;

	x->house.expire_at = now + EXPIRE_MS;
	leftover_prune(x, today);
	if (!expire_deliveries(x, today, keep, &e))
		log_warn("expiry-failed", LOG_CSTR("error", e.text));
	if (keep == 0 || before <= 0)
		return;
	house_forget_feeds(x, before, today);
	house_begin_names(x, (uint32_t)(before / 1000));
	x->house.forget_at = now;
}

/* Some names, later some items at a time. */
static void forget(struct engine *x, int64_t now)
{
	bool done = !x->house.names.going && house_forget_items(x);

	if (x->house.names.going)
		house_forget_names(x);
	x->house.forget_at = done ? INT64_MAX : now + FORGET_MS;
}

static void reopen(struct engine *x, int64_t now)
{
	struct err e = { .kind = ERR_NONE };

	(void)now;
	x->house.reopen_at = INT64_MAX;
	if (stores_reopen(x->parts.stores, true, wall(x), &e))
		log_info("reopened", LOG_CSTR("directory", x->conf->storage.directory));
	else
		log_error("reopen-failed", LOG_CSTR("error", e.text));
}

typedef void house_task_f(struct engine *x, int64_t now);
static const struct {
	size_t at; /* offset of its time */
	house_task_f *run;
	enum { NOTHING, ACTIVE, THREAD } waits_for; /* end of a job that is about the active files; of any */
} tasks[] = {
	{ offsetof(struct house, settle_at), house_settle, NOTHING },
	{ offsetof(struct house, catch_up_at), catch_up, NOTHING },
	{ offsetof(struct house, reopen_at), reopen, ACTIVE },
	{ offsetof(struct house, flush_at), house_flush, NOTHING },
	{ offsetof(struct house, checkpoint_at), checkpoint, ACTIVE },
	{ offsetof(struct house, sync_at), sync_stores, THREAD },
	{ offsetof(struct house, space_at), watch_space, NOTHING },
	{ offsetof(struct house, jobs_again_at), jobs_again, NOTHING },
	{ offsetof(struct house, job_at), work_on_closed, THREAD },
	{ offsetof(struct house, retain_at), retain, NOTHING },
	{ offsetof(struct house, expire_at), expire, NOTHING },
	{ offsetof(struct house, forget_at), forget, NOTHING },
};

static int64_t time_of(const struct house *h, size_t i)
{
	return *(const int64_t *)(const void *)((const char *)h + tasks[i].at);
}

static bool has_to_wait(const struct house *h, size_t i)
{
	return (tasks[i].waits_for == ACTIVE && is_about_active(h)) ||
	       (tasks[i].waits_for == THREAD && h->working);
}

void house_init(struct engine *x)
{
	int64_t now = mono(x);

	x->house = (struct house){
		.flush_at = now, /* what opening rolled forward */
		.checkpoint_at =
		    now, /* a life may be shorter than the time to the next: its segment must not stay for ever */
		.retain_at = now,
		.job_at = now,
		.space_at = now,
		.jobs_again_at = INT64_MAX,
		.sync_at = INT64_MAX,
		.catch_up_at = INT64_MAX,
		.settle_at = INT64_MAX,
		.forget_at = INT64_MAX,
		.reopen_at = INT64_MAX,
		.expire_at = now + EXPIRE_MS,
	};
}

void house_tick(struct engine *x, int64_t now)
{
	for (size_t i = 0; i < ARRAY_LEN(tasks) && !x->commits.in_flight; i++)
		if (time_of(&x->house, i) <= now && !has_to_wait(&x->house, i))
			tasks[i].run(x, now);
	tell_odd(x);
}

int64_t house_next(const struct engine *x, int64_t now)
{
	const struct house *h = &x->house;
	int64_t next = INT64_MAX;

	if (x->commits.in_flight)
		return INT64_MAX;
	for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
		if (time_of(h, i) < next && !has_to_wait(h, i))
			next = time_of(h, i);
	return next < now ? now : next;
}
