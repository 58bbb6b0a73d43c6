/*
 * engine: all decisions: which feed is due, what is new, what is written, which alerts are owed. Single-threaded and without I/O of its own:
 * the world is in the ports, time comes from the clock's port, files are the journal's and the stores'.
 *
 * The life of a poll: due -> fetch -> (304 or same body: ledger only) -> job to a worker -> answer -> drop what is known -> group -> commit ->
 * remember (state) -> stores -> deliveries. A feed has one poll at a time.
 */
#ifndef PIPE_ENGINE_H
#define PIPE_ENGINE_H

#include "classifiers/classify.h"
#include "daemon/conf/conf.h"
#include "daemon/pipe/callback.h"
#include "daemon/pipe/ports.h"
#include "daemon/store/journal.h"
#include "daemon/store/state.h"
#include "daemon/store/stores.h"

#include <stdint.h>

struct engine;

struct engine_parts { /* all stay the caller's and outlive the engine, except conf (held) */
	struct conf *conf;
	const struct classifier *classifier; /* names and order of topics; replaced by engine_reload */
	struct journal *journal; /* read at start to roll forward; main-thread calls only */
	struct stores *stores;
	struct state *state;
	const struct ports *ports;
	unsigned open_files; /* that the process may have, for the status; 0: not known */
};

/* Loads the state, rolls it forward from the journal. Nothing is fetched before engine_tick. */
bool engine_new(const struct engine_parts *parts, struct engine **out, struct err *e) MUST_CHECK;
void engine_free(struct engine **x);

/* Starts what is due and may start; flushes, checkpoints and housekeeps when it is time. Call when engine_next says so or after any answer. */
void engine_tick(struct engine *x);
/* Monotonic milliseconds of the next reason to tick; INT64_MAX: none. A poll may wait less than `grid` ms for company (1: it does not). */
int64_t engine_next(const struct engine *x, int64_t grid);

void engine_on_fetched(struct engine *x, uint64_t id, const struct fetch_result *result);
void engine_on_answer(struct engine *x, uint64_t id, struct str frame, int64_t took); /* ms of its worker */
void engine_on_worker_lost(struct engine *x, uint64_t id, const char *why);
void engine_on_committed(struct engine *x, const struct err *failure);
void engine_on_hook(struct engine *x, uint64_t id, const struct hook_result *result);
void engine_on_job(struct engine *x, const struct err *failure);
/* Of a hub. _begins: bytes of a body that may follow, or minus the status that it is refused with. */
int64_t engine_callback_begins(const struct engine *x, bool push, struct str token);
void engine_on_callback(struct engine *x, const struct callback_request *req, struct callback_answer *answer);

/* SIGHUP: feeds are compared by name; unchanged ones keep validators and due time. The caller has configured the stores and given the
 * unanswered jobs to workers with the new topics before: answers of the old ones never get here. False: the old configuration goes on, and
 * the caller takes the workers back to its topics. */
bool engine_reload(
    struct engine *x, struct conf *conf, const struct classifier *classifier, struct err *e) MUST_CHECK;
/* SIGUSR1. */
void engine_reopen(struct engine *x);
/* Begin to drain: what is being fetched or parsed is given up, no new hooks; engine_idle tells when nothing is in flight. */
void engine_drain(struct engine *x);
bool engine_idle(const struct engine *x);

/* `-1`: poll every feed now, once. engine_round_done: all were polled and all alerts tried; *failed counts feeds that failed. */
void engine_poll_once(struct engine *x);
bool engine_round_done(const struct engine *x, unsigned *failed);

struct engine_status {
	uint64_t feeds, feeds_ok, feeds_failing, feeds_waiting; /* waiting: not polled yet */
	uint64_t feeds_moved, feeds_mistrusted; /* asked at another address; without believing 304s */
	uint64_t polls, polls_unchanged, polls_failed, items, items_new, matches;
	uint64_t revised, withdrawn, held; /* held: changes of items beyond records.revisions_per_day */
	uint64_t delay_p50,
	    delay_p95; /* ms from publication until it was seen, of the news since the start */
	uint64_t deliveries_pending, deliveries_dead, deliveries_done;
	uint64_t deliveries_gathered, deliveries_held, deliveries_rejected;
	uint64_t requests_done, requests_refused; /* of people, since the start */
	uint64_t bursts; /* alerts of which too much came to be told one by one */
	uint64_t fetching, parsing, hooks_running;
	uint64_t next_lsn, record_seq;
	uint64_t queued_polls, queued_bytes; /* waiting for the journal */
	uint64_t subscriptions, subscriptions_alive; /* at hubs */
	uint64_t pushes, pushes_refused; /* documents from hubs, since the start; refused: wrongly signed */
	uint64_t aliases; /* remembered */
	uint64_t case_items; /* whose texts are */
	uint64_t files_expired,
	    files_sacrificed; /* closed files deleted by age or sum; for room or at the hard bound */
	uint64_t journal_lost; /* entries that were acknowledged and that the disk did not keep */
	struct
	    engine_loop { /* turns of the event loop since the start: how long it was at work; slow: more than 10 ms */
		uint64_t turns, busy_us, slow, max_us;
	} loop;
	bool degraded; /* disk or state trouble */
	char trouble[200];
};
void engine_status(const struct engine *x, struct engine_status *out);
/* The loop was at work so long since it last waited. */
void engine_note_turn(struct engine *x, int64_t microseconds);
/* The status file's contents: a line of JSON, feeds included. */
#define ENGINE_STATUS_STALE_MS                                                                               \
	(INT64_C(2) * 60 * 1000) /* one that is older is a dead daemon's, or a hanging one's */
#define ENGINE_STATUS_MAX (256u << 20) /* bytes; 1 KiB for each of 200,000 feeds */
void engine_status_json(const struct engine *x, struct buf *out);

#endif
