/*
 * gather: several records in one delivery: those of a period (`every`), and those of a burst. Gathered rows wait in the state until they are due
 * together; then one row takes their lines and they are marked as joined, in one transaction. Its key is made of theirs, so that the same key
 * always means the same records.
 */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/hash.h"
#include "daemon/pipe/hours.h"
#include "daemon/pipe/rules.h"
#include "daemon/store/state_gather.h"

#define DIGEST_RECORDS_MAX 1000 /* of one delivery; what is more follows in a next one */
#define DIGEST_BYTES_MAX (4u << 20) /* of one delivery; a quarter of what a runner takes */
#define BURST_SPANS_MAX 10 /* spans of `burst` after which a burst that does not end is told */
#define NAMES_MAX (4u << 20) /* bytes: names of alerts and keys of records */

enum together { APART, OF_PERIOD, OF_BURST };

/* What the rules say now, which may be others than when the rows were gathered. NULL: the alert is not in the configuration. */
static enum together together(const struct conf_alert *a)
{
	if (a && a->every)
		return OF_PERIOD;
	return a && a->burst.count && a->when != CONF_WHEN_CONFIRMED ? OF_BURST : APART;
}

/* The line of this alert, or else the oldest. */
static struct burst_said *said_of(struct alerts *a, uint64_t alert)
{
	struct burst_said *oldest = &a->said[0];

	for (unsigned i = 0; i < BURSTS_SAID_MAX; i++) {
		if (a->said[i].alert == alert)
			return &a->said[i];
		if (a->said[i].at < oldest->at)
			oldest = &a->said[i];
	}
	*oldest = (struct burst_said){ .alert = alert };
	return oldest;
}

static void say_burst(struct engine *x, const struct conf_alert *a, int64_t at)
{
	struct burst_said *said = said_of(&x->alerts, hash64(str_from(a->name), 0));

	if (at - said->at >= a->burst.per || said->at > at)
		log_warn("alert-burst", LOG_CSTR("alert", a->name), LOG_INT("more_than", a->burst.count),
		    LOG_MS("in", a->burst.per));
	said->at = at;
}

bool gather_burst(struct engine *x, struct str alert, int64_t at, struct err *e)
{
	const struct conf_alert *a = rules_find(x->conf, alert);
	uint64_t raised, most;

	if (together(a) != OF_BURST)
		return true;
	most = (uint64_t)a->burst.count;
	if (!state_delivery_raised(x->parts.state, alert, at - a->burst.per, at, most + 1, &raised, e))
		return false;
	if (raised <= most)
		return true;
	say_burst(x, a, at);
	x->alerts.gather_at = INT64_MIN;
	return state_delivery_gather(x->parts.state, alert, at - a->burst.per, at, a->burst.per, e);
}

struct ready { /* a group that is due */
	struct ready *next;
	struct str alert;
	enum together how;
};

struct looking {
	struct engine *x;
	struct arena *arena;
	struct ready *ready;
	int64_t now, next;
	uint64_t bursts;
};

static int64_t due_together(const struct conf_alert *a, const struct state_group *g, int64_t now)
{
	int64_t at = g->first_due_ms, latest;

	if (together(a) == OF_BURST) {
		latest = g->first_created_ms + BURST_SPANS_MAX * a->burst.per;
		at = g->last_due_ms < latest ? g->last_due_ms : latest;
	}
	return at <= now ? quiet_ends(a, now) : at;
}

static state_group_f on_group;
static bool on_group(void *ctx, const struct state_group *g)
{
	struct looking *l = ctx;
	const struct conf_alert *a = rules_find(l->x->conf, g->alert);
	enum together how = together(a);
	int64_t at = how == APART ? l->now : due_together(a, g, l->now);
	struct ready *r;

	if (at > l->now) {
		l->bursts += how == OF_BURST;
		l->next = at < l->next ? at : l->next;
		return true;
	}
	r = arena_alloc(l->arena, sizeof(*r));
	if (!r)
		return false;
	*r = (struct ready){ l->ready, arena_str(l->arena, g->alert), how };
	l->ready = r;
	return true;
}

struct joining {
	const struct ready *group;
	int64_t due; /* of the rows that are taken */
	struct buf lines, keys;
	struct state_delivery d;
	bool more;
};

static state_delivery_f on_member;
static bool on_member(void *ctx, const struct state_delivery *row)
{
	struct joining *j = ctx;

	if (j->d.records &&
	    (j->d.records == DIGEST_RECORDS_MAX || j->lines.n + row->line.n > DIGEST_BYTES_MAX)) {
		j->more = true;
		return false;
	}
	buf_str(&j->lines, row->line);
	buf_str(&j->keys, row->key);
	buf_byte(&j->keys, '\n');
	j->d.id = row->id;
	j->d.seq = row->seq;
	j->d.records++;
	return true;
}

static void name_digest(struct joining *j, struct buf *name)
{
	uint8_t digest[SHA256_LEN];
	char hex[JOB_KEY_LEN];

	sha256((const struct str[]){ buf_view(&j->keys) }, 1, digest);
	hex_encode(digest, sizeof(hex) / 2, hex);
	buf_reset(name);
	buf_str(name, j->group->alert);
	buf_byte(name, ':');
	buf_add(name, hex, sizeof(hex));
}

static alerts_change_f join_some;
static bool join_some(struct engine *x, void *ctx, struct err *e)
{
	struct joining *j = ctx;
	struct state *s = x->parts.state;

	if (!state_delivery_gathered(s, j->group->alert, j->due, DIGEST_RECORDS_MAX + 1, on_member, j, e))
		return false;
	if (j->d.records == 0)
		return true;
	name_digest(j, &x->scratch);
	if (j->lines.failed || j->keys.failed || x->scratch.failed)
		return err_nomem(e);
	j->d.key = buf_view(&x->scratch);
	j->d.line = buf_view(&j->lines);
	log_info(j->group->how == OF_BURST ? "alert-burst-over" : "alert-digest",
	    LOG_STR("alert", j->group->alert), LOG_INT("records", j->d.records), LOG_STR("key", j->d.key));
	return state_delivery_put(s, &j->d, e) &&
	       state_delivery_join(s, j->group->alert, j->due, j->d.id, j->d.key, e);
}

/* One delivery's worth: there may be a hundred, and each is a change of many rows. False: the state could not take it. */
static bool join(struct engine *x, const struct ready *r, int64_t now, bool *more)
{
	bool burst = r->how == OF_BURST, ok;
	struct joining j = {
		.group = r,
		.due = burst ? INT64_MAX : now,
		.d = { .alert = r->alert,
		    .due_ms = now,
		    .created_ms = now,
		    .kind = burst ? DELIVERY_OF_BURST : DELIVERY_OF_DIGEST },
	};

	buf_init(&j.lines, JOURNAL_LINE_MAX + DIGEST_BYTES_MAX);
	buf_init(&j.keys, NAMES_MAX);
	ok = alerts_begin_by(x, join_some, &j);
	*more |= ok && j.more;
	buf_fini(&j.lines);
	buf_fini(&j.keys);
	return ok;
}

static alerts_change_f scatter;
static bool scatter(struct engine *x, void *ctx, struct err *e)
{
	const struct ready *r = ctx;

	return state_delivery_scatter(x->parts.state, r->alert, wall(x), e);
}

void gather_tick(struct engine *x)
{
	struct looking l = { .x = x, .arena = arena_new(NAMES_MAX), .now = wall(x), .next = INT64_MAX };
	struct err e = { .kind = ERR_NONE };
	bool ok = l.arena && state_delivery_groups(x->parts.state, on_group, &l, &e), more = false;

	for (struct ready *r = ok ? l.ready : NULL; r; r = r->next) {
		/* Of an alert that is gone each record becomes a dead letter of its own; of one that gathers no more each goes alone. */
		ok = (r->how == APART ? alerts_begin_by(x, scatter, r) : join(x, r, l.now, &more)) && ok;
		alerts_note_due(x, l.now);
	}
	if (ok && !arena_failed(l.arena))
		x->alerts.bursts = l.bursts;
	else
		l.next = l.now + STATE_RETRY_MS;
	x->alerts.gather_at = ok && more ? l.now : l.next;
	arena_free(&l.arena);
}
