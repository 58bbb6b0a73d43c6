/*
 * alerts: deliveries that are owed, each run until it is done or given up. What is owed is in the state; here are only those that run.
 *
 * Before a script is started its row says so (DELIVERY_STARTED): this life does not start it a second time. No script outlives the daemon (the
 * runner kills it when the connection closes), so at start such a row is due again at once: one more run, never none. A delivery that is
 * given up becomes a line in `dead-letters` first and dead in the state by that line's entry.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "daemon/pipe/hookenv.h"
#include "daemon/pipe/rules.h"
#include "daemon/pipe/storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_RETRY 75 /* EX_TEMPFAIL of sysexits */
#define DOUBLINGS_MAX 20
#define STATE_RETRY_MS 5000 /* ms; the state could not be read or written */
#define TAIL_MAX 120 /* bytes of a script's output in an error */
#define DELIVERY_ROOM (16u << 20) /* bytes: a record, its environment */

enum delivery_phase {
	DELIVERY_RUNNING,
	DELIVERY_SETTLING, /* ended; the state does not know yet */
	DELIVERY_DYING, /* given up; waits for its letter */
	DELIVERY_LETTER /* its letter is in the group in flight */
};

struct delivery {
	uint64_t id;
	enum delivery_phase phase;
	struct arena *arena;
	struct str key, alert, line;
	uint64_t seq;
	uint32_t attempts; /* begun */
	int64_t created;
	enum state_delivery_status outcome; /* for the state */
	int64_t due; /* wall ms of the next try */
	char error[232];
};

static void delivery_free(struct engine *x, struct delivery **d)
{
	slots_release(&x->alerts.slots, (*d)->id);
	arena_free(&(*d)->arena);
	free(*d);
	*d = NULL;
}

static struct delivery *delivery_new(struct engine *x, const struct state_delivery *row)
{
	struct delivery *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->arena = arena_new(DELIVERY_ROOM);
	if (d->arena) {
		d->key = arena_str(d->arena, row->key);
		d->alert = arena_str(d->arena, row->alert);
		d->line = arena_str(d->arena, row->line);
		d->seq = row->seq;
		d->attempts = row->attempts;
		d->created = row->created_ms;
		d->due = row->due_ms;
		d->id = arena_failed(d->arena) ? 0 : slots_take(&x->alerts.slots, d);
	}
	if (d->id == 0) {
		arena_free(&d->arena);
		free(d);
		return NULL;
	}
	return d;
}

static bool update_row(
    struct engine *x, const struct delivery *d, enum state_delivery_status status, int64_t due)
{
	struct state *s = x->parts.state;
	struct err e = { .kind = ERR_NONE };

	if (state_begin(s, &e) &&
	    state_delivery_update(s, d->key, status, d->attempts, due, str_from(d->error), &e) &&
	    state_commit(s, state_applied_lsn(s), &e))
		return true;
	state_rollback(s);
	if (x->house.trouble[0] == 0)
		log_error("state-failed", LOG_CSTR("error", e.text));
	return false;
}

static void note_due(struct engine *x, int64_t due)
{
	if (due < x->alerts.next_due)
		x->alerts.next_due = due;
}

/* What became of it goes into the state; when that fails it is tried again, and after a crash the script runs once more. */
static void settle(struct engine *x, struct delivery *d)
{
	d->phase = DELIVERY_SETTLING;
	if (!update_row(x, d, d->outcome, d->due))
		return;
	if (d->outcome == DELIVERY_DONE) {
		x->alerts.pending -= x->alerts.pending > 0;
		x->alerts.done++;
	} else {
		note_due(x, d->due);
	}
	delivery_free(x, &d);
}

static void give_up(struct delivery *d, const char *why)
{
	if (why)
		snprintf(d->error, sizeof(d->error), "%s", why);
	d->phase = DELIVERY_DYING;
	log_warn("alert-dead", LOG_STR("alert", d->alert), LOG_STR("key", d->key),
	    LOG_INT("attempts", d->attempts), LOG_CSTR("error", d->error));
}

static void write_letter(struct engine *x, const struct delivery *d, struct buf *out)
{
	struct chain *chain = &x->commits.next_letters;
	size_t start = out->n, members;
	char at[DATE_TEXT_MAX];
	struct json w;

	chain_open_line(chain, out);
	members = out->n;
	json_init(&w, out);
	json_open_object(&w);
	json_key_string(&w, "at", str_of(at, date_format_ms(wall(x), at)));
	json_key_string(&w, "alert", d->alert);
	json_key_string(&w, "delivery", d->key);
	json_key_int(&w, "attempts", d->attempts);
	json_key_string(&w, "error", str_from(d->error));
	json_key(&w, "record");
	json_raw(&w, str_trim(d->line));
	if (out->failed)
		return;
	out->p[members] = ',';
	chain_seal_line(chain, out, start);
}

static bool add_letter(struct engine *x, struct delivery *d, struct err *e)
{
	struct commits *c = &x->commits;
	struct letter_entry m = { .key = d->key, .attempts = d->attempts, .error = str_from(d->error) };
	struct journal_entry entry = { .type = ENTRY_LETTER, .routes = STR(STORE_DEAD_LETTERS) };

	buf_reset(&c->line);
	buf_reset(&c->meta);
	write_letter(x, d, &c->line);
	m.seq = c->next_letters.seq;
	letter_entry_encode(&m, &c->meta);
	if (c->line.failed || c->meta.failed)
		return err_nomem(e);
	entry.line = buf_view(&c->line);
	entry.meta = buf_view(&c->meta);
	d->phase = DELIVERY_LETTER;
	return journal_group_add(c->group, &entry, e);
}

static struct delivery *next_in_phase(const struct engine *x, uint32_t *i, enum delivery_phase phase)
{
	struct delivery *d;

	while ((d = slots_each(&x->alerts.slots, i)))
		if (d->phase == phase)
			return d;
	return NULL;
}

bool alerts_owe_letters(const struct engine *x)
{
	uint32_t i = 0;

	return next_in_phase(x, &i, DELIVERY_DYING) != NULL;
}

bool alerts_add_letters(struct engine *x, struct err *e)
{
	struct delivery *d;

	for (uint32_t i = 0; (d = next_in_phase(x, &i, DELIVERY_DYING));)
		if (!add_letter(x, d, e))
			return false;
	return true;
}

void alerts_letters_done(struct engine *x, bool durable)
{
	struct delivery *d;

	for (uint32_t i = 0; (d = next_in_phase(x, &i, DELIVERY_LETTER));) {
		d->phase = DELIVERY_DYING;
		if (!durable)
			continue;
		x->alerts.pending -= x->alerts.pending > 0;
		x->alerts.dead++;
		delivery_free(x, &d);
	}
}

static int64_t pause_before(struct engine *x, const struct conf_alert *a, uint32_t attempts)
{
	uint32_t doublings = attempts > 0 ? attempts - 1 : 0;
	int64_t pause = a->retry_min << (doublings < DOUBLINGS_MAX ? doublings : DOUBLINGS_MAX);
	int64_t fifth;

	if (pause > a->retry_max)
		pause = a->retry_max;
	fifth = pause / 5;
	return fifth > 0 ? pause - fifth + (int64_t)(x->ports->random(x->ports->random_ctx) % (uint64_t)fifth)
	                 : pause;
}

static void retry_later(struct engine *x, struct delivery *d)
{
	const struct conf_alert *a = rules_find(x->conf, d->alert);
	int64_t now = wall(x);

	if (!a) {
		give_up(d, "the alert is not in the configuration any more");
		return;
	}
	if (now - d->created >= a->retry_for) {
		give_up(d, NULL);
		return;
	}
	d->outcome = DELIVERY_PENDING;
	d->due = now + pause_before(x, a, d->attempts);
	log_warn("alert-failed", LOG_STR("alert", d->alert), LOG_STR("key", d->key),
	    LOG_INT("attempt", d->attempts), LOG_MS("next", d->due - now), LOG_CSTR("error", d->error));
	settle(x, d);
}

static bool run(struct engine *x, struct delivery *d, const struct conf_alert *a, struct err *e)
{
	struct hook_facts facts = {
		.alert = a, .key = d->key, .record = d->line, .seq = d->seq, .attempt = d->attempts
	};
	struct hook_request req = {
		.id = d->id,
		.argv = a->exec,
		.env = hook_environment(&facts, d->arena, e),
		.input = d->line,
		.timeout_ms = a->timeout,
		.output_max = (size_t)x->conf->hooks.output_max,
	};

	return req.env && x->ports->hooks.run(x->ports->hooks.ctx, &req, e);
}

static void begin(struct engine *x, struct delivery *d)
{
	const struct conf_alert *a = rules_find(x->conf, d->alert);
	struct err e = { .kind = ERR_NONE };

	if (!a) {
		give_up(d, "the alert is not in the configuration any more");
		return;
	}
	d->attempts++;
	if (!update_row(x, d, DELIVERY_STARTED, d->due)) {
		note_due(x, wall(x) + STATE_RETRY_MS);
		delivery_free(x, &d);
		return;
	}
	d->phase = DELIVERY_RUNNING;
	if (run(x, d, a, &e)) {
		x->alerts.running++;
		return;
	}
	snprintf(d->error, sizeof(d->error), "%s", e.text);
	retry_later(x, d);
}

struct due {
	struct engine *x;
	struct delivery **at;
	unsigned count, max;
};

static bool is_here(const struct engine *x, struct str key)
{
	struct delivery *d;

	for (uint32_t i = 0; (d = slots_each(&x->alerts.slots, &i));)
		if (str_eq(d->key, key))
			return true;
	return false;
}

static state_delivery_f on_due;
static bool on_due(void *ctx, const struct state_delivery *row)
{
	struct due *due = ctx;

	if (is_here(due->x, row->key))
		return true;
	due->at[due->count] = delivery_new(due->x, row);
	if (due->at[due->count])
		due->count++;
	return due->count < due->max;
}

/* How many are here and still due in the state: they would only be met again. */
static unsigned waiting_here(const struct engine *x)
{
	struct delivery *d;
	unsigned n = 0;

	for (uint32_t i = 0; (d = slots_each(&x->alerts.slots, &i));)
		n += d->phase != DELIVERY_RUNNING;
	return n;
}

#define START_MAX 64u /* deliveries begun in one turn */

/* When to look again. A row that is due and was not begun is here already (it waits for its letter): no reason to look at once. */
static void note_next(struct engine *x, bool more, bool begun)
{
	struct err e = { .kind = ERR_NONE };
	int64_t now = wall(x), next = INT64_MAX;

	if (!state_delivery_next_due(x->parts.state, &next, &e))
		next = now + STATE_RETRY_MS;
	if (more)
		next = now;
	else if (!begun && next <= now)
		next = now + STATE_RETRY_MS;
	note_due(x, next);
}

static void start_due(struct engine *x, unsigned places)
{
	struct delivery *begun[START_MAX];
	struct due due = { x, begun, 0, places < START_MAX ? places : START_MAX };
	struct err e = { .kind = ERR_NONE };
	int64_t now = wall(x);

	x->alerts.next_due = INT64_MAX;
	if (!state_delivery_due(x->parts.state, now, due.max + waiting_here(x), on_due, &due, &e))
		note_due(x, now + STATE_RETRY_MS);
	for (unsigned i = 0; i < due.count; i++)
		begin(x, begun[i]);
	note_next(x, due.count == due.max, due.count != 0);
}

void alerts_tick(struct engine *x)
{
	unsigned places = (unsigned)x->conf->hooks.concurrency;
	struct delivery *d;

	for (uint32_t i = 0; (d = next_in_phase(x, &i, DELIVERY_SETTLING));)
		settle(x, d);
	if (!x->draining && !x->house.state_lags && x->alerts.running < places &&
	    x->alerts.next_due <= wall(x))
		start_due(x, places - x->alerts.running);
}

int64_t alerts_next(const struct engine *x, int64_t now)
{
	uint32_t i = 0;
	int64_t wait;

	if (next_in_phase(x, &i, DELIVERY_SETTLING))
		return now + STATE_RETRY_MS;
	if (x->draining || x->house.state_lags || x->alerts.next_due == INT64_MAX ||
	    x->alerts.running >= (unsigned)x->conf->hooks.concurrency)
		return INT64_MAX;
	wait = x->alerts.next_due <= wall(x) ? 0 : x->alerts.next_due - wall(x);
	return now + wait;
}

bool alerts_settled(const struct engine *x)
{
	uint32_t i = 0;

	/* A state that cannot be written owes what it owes: the next life pays. */
	return !slots_each(&x->alerts.slots, &i) && (x->house.state_lags || x->alerts.next_due > wall(x));
}

static void describe(const struct hook_result *r, char *out, size_t size)
{
	struct str tail = str_trim(r->output);

	if (tail.n > TAIL_MAX)
		tail = str_skip(tail, tail.n - TAIL_MAX);
	if (r->failure)
		snprintf(out, size, "could not be started: %s", r->failure);
	else if (r->timed_out)
		snprintf(out, size, "timed out: %.*s", STR_ARG(tail));
	else if (r->signal)
		snprintf(out, size, "ended by signal %d: %.*s", r->signal, STR_ARG(tail));
	else
		snprintf(out, size, "exit status %d: %.*s", r->exit_status, STR_ARG(tail));
}

void engine_on_hook(struct engine *x, uint64_t id, const struct hook_result *r)
{
	struct delivery *d = slots_find(&x->alerts.slots, id);
	bool exited;

	if (!d || d->phase != DELIVERY_RUNNING)
		return;
	x->alerts.running--;
	exited = !r->failure && !r->timed_out && r->signal == 0;
	if (exited && r->exit_status == 0) {
		d->error[0] = 0;
		d->outcome = DELIVERY_DONE;
		d->due = wall(x);
		settle(x, d);
		return;
	}
	describe(r, d->error, sizeof(d->error));
	if (exited && r->exit_status != EXIT_RETRY)
		give_up(d, NULL);
	else
		retry_later(x, d);
}

static state_delivery_f on_count;
static bool on_count(void *ctx, const struct state_delivery *row)
{
	(void)row;
	++*(uint64_t *)ctx;
	return true;
}

bool alerts_load(struct engine *x, struct err *e)
{
	uint64_t cut_short;

	x->alerts.pending = x->alerts.dead = 0;
	x->alerts.next_due = INT64_MIN;
	if (!state_delivery_restart(x->parts.state, &cut_short, e))
		return false;
	if (cut_short)
		log_warn("alerts-cut-short", LOG_INT("deliveries", cut_short));
	return state_delivery_each(x->parts.state, DELIVERY_PENDING, on_count, &x->alerts.pending, e) &&
	       state_delivery_each(x->parts.state, DELIVERY_DEAD, on_count, &x->alerts.dead, e);
}

void alerts_free(struct engine *x)
{
	struct delivery *d;

	for (uint32_t i = 0; (d = slots_each(&x->alerts.slots, &i));)
		delivery_free(x, &d);
	slots_fini(&x->alerts.slots);
}
