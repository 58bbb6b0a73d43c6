/*
 * delivery: the life of one: begun, run, settled; or tried again later; or given up.
 *
 * Before a script is started its row says so (DELIVERY_STARTED): this life does not start it a second time. No script outlives the daemon (the
 * runner kills it when the connection closes), so at start such a row is due again at once: one more run, never none.
 *
 * A stream gets one line at a time, and until then nothing is decided about it: a reload, quiet hours and a person's verdict reach what waits.
 */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/hookenv.h"
#include "daemon/pipe/rules.h"
#include "daemon/store/state_history.h"

#include <stdio.h>
#include <stdlib.h>

#define EXIT_RETRY 75 /* EX_TEMPFAIL of sysexits */
#define TAIL_MAX 120 /* bytes of a script's output in an error */
#define DELIVERY_ROOM (32u << 20) /* bytes: its records, their environment */

const char delivery_gone[] = "the alert is not in the configuration any more";

void delivery_free(struct engine *x, struct delivery **d)
{
	slots_release(&x->alerts.slots, (*d)->id);
	x->alerts.dying -= (*d)->phase == DELIVERY_DYING || (*d)->phase == DELIVERY_LETTER;
	x->alerts.behind -= (*d)->phase == DELIVERY_BEHIND;
	arena_free(&(*d)->arena);
	free(*d);
	*d = NULL;
}

struct delivery *delivery_new(struct engine *x, const struct state_delivery *row)
{
	struct delivery *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->row = *row;
	d->arena = arena_new(DELIVERY_ROOM);
	if (d->arena) {
		d->row.key = arena_str(d->arena, row->key);
		d->row.alert = arena_str(d->arena, row->alert);
		d->row.line = arena_str(d->arena, row->line);
		d->id = arena_failed(d->arena) ? 0 : slots_take(&x->alerts.slots, d);
	}
	if (d->id == 0) {
		arena_free(&d->arena);
		free(d);
		return NULL;
	}
	return d;
}

struct delivery *delivery_in_phase(const struct engine *x, uint32_t *i, enum delivery_phase phase)
{
	struct delivery *d;

	while ((d = slots_each(&x->alerts.slots, i)))
		if (d->phase == phase)
			return d;
	return NULL;
}

/* The row as it is now, and in the history how the try ended. */
static alerts_change_f write_row;
static bool write_row(struct engine *x, void *ctx, struct err *e)
{
	struct delivery *d = ctx;
	struct state_attempt a = {
		.at_ms = wall(x),
		.alert = d->row.alert,
		.key = d->row.key,
		.attempt = d->row.attempts,
		.result = str_from(d->result),
		.error = str_from(d->error),
	};

	d->row.last_error = str_from(d->error);
	return state_delivery_update(x->parts.state, &d->row, e) &&
	       (!d->result || state_attempt_put(x->parts.state, &a, e));
}

/* What became of it goes into the state; when that fails it is tried again, and after a crash the script runs once more. */
void delivery_settle(struct engine *x, struct delivery *d)
{
	d->phase = DELIVERY_SETTLING;
	if (!alerts_change(x, write_row, d)) {
		x->alerts.settle_at = mono(x) + STATE_RETRY_MS;
		return;
	}
	if (d->row.status == DELIVERY_DONE)
		x->alerts.done++;
	else
		alerts_note_due(x, d->row.due_ms);
	delivery_free(x, &d);
	alerts_note_recovery(x);
}

void delivery_give_up(struct engine *x, struct delivery *d, const char *why)
{
	if (why)
		snprintf(d->error, sizeof(d->error), "%s", why);
	d->phase = DELIVERY_DYING;
	x->alerts.dying++;
	d->result = "dead";
	log_warn("alert-dead", LOG_STR("alert", d->row.alert), LOG_STR("key", d->row.key),
	    LOG_INT("attempts", d->row.attempts), LOG_CSTR("error", d->error));
	/* Its letter says it for good; until then it is as it was. */
	(void)alerts_change(x, write_row, d);
}

int64_t delivery_step(const struct conf_alert *a, uint32_t attempts)
{
	uint32_t doublings = attempts > 0 ? attempts - 1 : 0;
	int64_t pause =
	    a->retry_min << (doublings < DELIVERY_DOUBLINGS_MAX ? doublings : DELIVERY_DOUBLINGS_MAX);

	return pause < a->retry_max ? pause : a->retry_max;
}

static int64_t pause_before(struct engine *x, const struct conf_alert *a, uint32_t attempts)
{
	int64_t pause = delivery_step(a, attempts), fifth = pause / 5;

	return fifth > 0 ? pause - fifth + (int64_t)(x->ports->random(x->ports->random_ctx) % (uint64_t)fifth)
	                 : pause;
}

/* A test says what it has to say at once, and leaves nothing behind but that. */
static void end_test(struct engine *x, struct delivery *d, bool good)
{
	d->row.status = DELIVERY_DONE;
	d->row.due_ms = wall(x);
	d->result = good ? "done" : "failed";
	log_info("alert-test", LOG_STR("alert", d->row.alert), LOG_STR("key", d->row.key),
	    LOG_CSTR("result", d->result), LOG_CSTR("error", d->error));
	delivery_settle(x, d);
}

static void retry_later(struct engine *x, struct delivery *d)
{
	const struct conf_alert *a = rules_find(x->conf, d->row.alert);
	int64_t now = wall(x);

	if (!a) {
		delivery_give_up(x, d, delivery_gone);
		return;
	}
	if (now - d->row.tried_ms >= a->retry_for) {
		delivery_give_up(x, d, NULL);
		return;
	}
	d->row.status = DELIVERY_PENDING;
	d->row.due_ms = now + pause_before(x, a, d->row.attempts);
	d->result = "again";
	log_warn("alert-failed", LOG_STR("alert", d->row.alert), LOG_VARYING("key", d->row.key),
	    LOG_INT("attempt", d->row.attempts), LOG_MS("next", d->row.due_ms - now),
	    LOG_CSTR("error", d->error));
	delivery_settle(x, d);
}

static void end_badly(struct engine *x, struct delivery *d, bool for_good)
{
	if (d->row.kind == DELIVERY_OF_TEST)
		end_test(x, d, false);
	else if (for_good)
		delivery_give_up(x, d, NULL);
	else
		retry_later(x, d);
}

static bool run(struct engine *x, struct delivery *d, const struct conf_alert *a, struct err *e)
{
	struct hook_facts facts = { .alert = a, .delivery = &d->row };
	bool stays = a->mode == CONF_MODE_STREAM;
	struct hook_request req = {
		.id = d->id,
		.stream = stays ? a->name : NULL,
		.argv = a->exec,
		.env = hook_environment(&facts, d->arena, e),
		.input = stays ? hook_line(&facts, d->arena, e) : d->row.line,
		.timeout_ms = a->timeout,
		.output_max = (size_t)x->conf->hooks.output_max,
	};

	return req.env && req.input.p && x->ports->hooks.run(x->ports->hooks.ctx, &req, e);
}

static bool is_busy(const struct engine *x, const struct conf_alert *a)
{
	const struct delivery *o;

	for (uint32_t i = 0; a->mode == CONF_MODE_STREAM && (o = slots_each(&x->alerts.slots, &i));)
		if (o->phase == DELIVERY_RUNNING && o->row.status == DELIVERY_STARTED &&
		    str_eq(o->row.alert, str_from(a->name)))
			return true;
	return false;
}

void delivery_forget_behind(struct engine *x, const struct str *alert)
{
	struct delivery *d;

	for (uint32_t i = 0; x->alerts.behind && (d = slots_each(&x->alerts.slots, &i));)
		if (d->phase == DELIVERY_BEHIND && (!alert || str_eq(d->row.alert, *alert)))
			delivery_free(x, &d);
}

void delivery_begin(struct engine *x, struct delivery *d)
{
	const struct conf_alert *a = rules_find(x->conf, d->row.alert);
	bool test = d->row.kind == DELIVERY_OF_TEST;
	struct err e = { .kind = ERR_NONE };

	if (!a) {
		snprintf(d->error, sizeof(d->error), "%s", delivery_gone);
		end_badly(x, d, true);
		return;
	}
	if (is_busy(x, a)) {
		d->phase = DELIVERY_BEHIND;
		x->alerts.behind++;
		return;
	}
	if (!test && !gate_is_open(x, a, d->row.attempts == 0)) {
		delivery_free(x, &d);
		return;
	}
	d->row.attempts++;
	d->row.tried_ms = test || d->row.tried_ms ? d->row.tried_ms : wall(x);
	d->row.status = DELIVERY_STARTED;
	if (!alerts_begin_by(x, write_row, d)) {
		alerts_note_due(x, wall(x) + STATE_RETRY_MS);
		delivery_free(x, &d);
		return;
	}
	d->phase = DELIVERY_RUNNING;
	d->started = mono(x);
	if (run(x, d, a, &e)) {
		x->alerts.running++;
		house_alert_is_out(x);
		return;
	}
	snprintf(d->error, sizeof(d->error), "%s", e.text);
	end_badly(x, d, false);
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
	bool exited, good;

	if (!d || d->phase != DELIVERY_RUNNING)
		return;
	x->alerts.running--;
	if (x->alerts.behind) {
		delivery_forget_behind(x, &d->row.alert);
		alerts_note_due(x, wall(x));
	}
	measure_add(x->measures, MEASURE_DELIVERY, mono(x) - d->started);
	exited = !r->failure && !r->timed_out && r->signal == 0;
	good = exited && r->exit_status == 0;
	describe(r, d->error, sizeof(d->error));
	if (!good) {
		end_badly(x, d, exited && r->exit_status != EXIT_RETRY);
		return;
	}
	if (d->row.kind == DELIVERY_OF_TEST) {
		end_test(x, d, true);
		return;
	}
	d->error[0] = 0;
	d->row.status = DELIVERY_DONE;
	d->row.due_ms = wall(x);
	d->result = "done";
	delivery_settle(x, d);
}
