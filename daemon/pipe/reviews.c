/* reviews: what people decide goes through the journal, as what feeds say does; deliveries that waited for it go on, or end. */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/json_read.h"
#include "daemon/pipe/review.h"
#include "daemon/pipe/rules.h"
#include "daemon/pipe/storage.h"
#include "daemon/pipe/wanted.h"

#include <stdlib.h>

#define STATE_CHAIN "chain/reviews" /* in the state: after the last line that it knows of */
#define CHAIN_LEN (8 + SHA256_HEX) /* bytes */

bool reviews_owe(const struct engine *x)
{
	return x->requests.review && !x->requests.in_group;
}

bool reviews_add(struct engine *x, struct err *e)
{
	struct commits *c = &x->commits;
	struct review_entry m = { .at = wall(x), .request = str_from(x->requests.name) };
	struct journal_entry entry = { .type = ENTRY_REVIEW, .routes = STR(STORE_REVIEWS) };

	if (!reviews_owe(x))
		return true;
	x->requests.next_reviews = x->requests.reviews;
	m.record = x->requests.review->record;
	m.verdict = x->requests.review->verdict;
	m.topic = str_from(x->requests.review->topic);
	buf_reset(&c->line);
	buf_reset(&c->meta);
	review_write(x->requests.review, m.at, &x->requests.next_reviews, &c->line);
	m.seq = x->requests.next_reviews.seq;
	buf_reset(&x->scratch);
	for (size_t i = 0; i < x->requests.review->also_count; i++)
		buf_le64(&x->scratch, x->requests.review->also[i]);
	m.also = buf_view(&x->scratch);
	review_entry_encode(&m, &c->meta);
	if (x->scratch.failed || c->line.failed || c->meta.failed)
		return err_nomem(e);
	entry.line = buf_view(&c->line);
	entry.meta = buf_view(&c->meta);
	x->requests.in_group = true;
	return journal_group_add(c->group, &entry, e);
}

void reviews_done(struct engine *x, bool durable)
{
	struct requests *r = &x->requests;

	if (!r->review || !r->in_group)
		return;
	r->in_group = false;
	if (!durable)
		return;
	r->reviews = r->next_reviews;
	log_info("review", LOG_INT("record", r->review->record),
	    LOG_CSTR("verdict", review_verdict_names[r->review->verdict]), LOG_CSTR("by", r->review->by));
	free(r->review);
	r->review = NULL;
	/* Without the state nothing says that it was done: the file stays until the state has caught up. */
	if (!x->house.state_lags)
		requests_finish(x, r->name);
	r->look_at = mono(x);
}

enum concern { CONCERNS_NOT, CONCERNS_PARTLY, CONCERNS };

struct held {
	struct engine *x;
	const struct review_entry *review;
	struct arena *arena;
	struct held_row {
		struct state_delivery d;
		bool partly;
	} * rows;
	size_t count;
	bool nomem; /* what one of them says could not be read */
};

#define HELD_MAX 10000 /* alerts that may wait for one record */
#define HELD_ROOM (8u << 20) /* bytes: their keys */

#define PARTLY "rejected as " /* what a delivery says from then on; the topics follow, by ", " */

struct naming {
	struct str topic, rejected; /* those that were rejected before */
	bool named, others;
};

static wanted_f on_wanted;
static void on_wanted(void *ctx, const struct wanted *w)
{
	struct naming *n = ctx;

	if (str_eq(n->topic, str_from(w->name)))
		n->named = true;
	else if (!str_among(n->rejected, ',', str_from(w->name)))
		n->others = true;
}

static struct str rejected_before(const struct state_delivery *row)
{
	return str_starts(row->last_error, STR(PARTLY)) ? str_skip(row->last_error, sizeof(PARTLY) - 1)
	                                                : STR("");
}

/* What is said of one topic concerns the alerts that it raised; one is rejected when each topic is that raised it. */
static enum concern concern_of(struct held *h, const struct state_delivery *row)
{
	const struct conf_alert *a = rules_find(h->x->conf, row->alert);
	struct naming n = { .topic = h->review->topic, .rejected = rejected_before(row) };
	json_t *record;

	if (n.topic.n == 0)
		return CONCERNS;
	record = a ? json_read(row->line, JSON_ALLOW_NUL, NULL, &h->nomem) : NULL;
	if (record)
		wanted_each(record, a, on_wanted, &n);
	json_decref(record);
	if (!n.named)
		return CONCERNS_NOT;
	if (!n.others || h->review->verdict == REVIEW_CONFIRMED)
		return CONCERNS;
	return row->status == DELIVERY_HELD ? CONCERNS_PARTLY : CONCERNS_NOT;
}

/* It waits on, and remembers that. */
static struct str partly_rejected(struct held *h, const struct state_delivery *row)
{
	struct buf *b = &h->x->scratch;

	buf_reset(b);
	buf_str(b, STR(PARTLY));
	buf_str(b, rejected_before(row));
	if (b->n > sizeof(PARTLY) - 1)
		buf_str(b, STR(", "));
	buf_str(b, h->review->topic);
	return b->failed ? STR("") : arena_str(h->arena, buf_view(b));
}

/* What was confirmed, and waits for its hour, its period or a place, can still be called back. */
static bool is_open(const struct held *h, const struct state_delivery *row)
{
	const struct conf_alert *a = rules_find(h->x->conf, row->alert);

	if (row->status != DELIVERY_PENDING && row->status != DELIVERY_GATHERED)
		return true;
	return h->review->verdict == REVIEW_REJECTED && a && a->when == CONF_WHEN_CONFIRMED;
}

static state_delivery_f on_held;
static bool on_held(void *ctx, const struct state_delivery *row)
{
	struct held *h = ctx;
	struct held_row *r = &h->rows[h->count];
	enum concern concern = is_open(h, row) ? concern_of(h, row) : CONCERNS_NOT;

	if (concern == CONCERNS_NOT || h->nomem)
		return !h->nomem;
	*r = (struct held_row){ .d = *row, .partly = concern == CONCERNS_PARTLY };
	r->d.key = arena_str(h->arena, row->key);
	r->d.alert = arena_str(h->arena, row->alert);
	r->d.line = STR("");
	r->d.last_error = r->partly ? partly_rejected(h, row) : STR("");
	return ++h->count < HELD_MAX;
}

/* What the record raised, and what other records of its item did: nobody is asked about these again. */
static bool find_held(struct held *h, struct err *e)
{
	struct state *s = h->x->parts.state;
	struct rd also = { h->review->also.p, h->review->also.n, false };
	bool ok = state_delivery_reviewed(s, h->review->record, on_held, h, e);

	for (size_t i = 0; ok && i < h->review->also.n / 8 && h->count < HELD_MAX; i++)
		ok = state_delivery_reviewed(s, rd_le64(&also), on_held, h, e);
	return ok;
}

/* Dead before anything was tried: because nobody decided in time, or because there was no such alert any more, to which nobody is asked. */
static bool is_decided_by(const struct engine *x, const struct state_delivery *d)
{
	const struct conf_alert *a = rules_find(x->conf, d->alert);

	return d->status != DELIVERY_DEAD || (a && a->when == CONF_WHEN_CONFIRMED);
}

static bool decide(struct engine *x, struct state_delivery *d, const struct review_entry *r, struct err *e)
{
	if (!is_decided_by(x, d))
		return true;
	alerts_recover(x, d->key);
	if (r->verdict == REVIEW_REJECTED) {
		d->status = DELIVERY_REJECTED;
		d->due_ms = r->at;
		d->last_error = STR("rejected");
	} else {
		owe_place(rules_find(x->conf, d->alert), r->at, d);
		alerts_note_due(x, d->due_ms);
		if (d->status == DELIVERY_GATHERED && d->due_ms < x->alerts.gather_at)
			x->alerts.gather_at = d->due_ms;
	}
	return state_delivery_update(x->parts.state, d, e);
}

static bool put_chain(struct engine *x, const struct chain *chain, struct err *e)
{
	struct buf b;
	bool ok;

	buf_init(&b, CHAIN_LEN);
	chain_encode(chain, &b);
	ok = b.failed ? err_nomem(e) : state_put(x->parts.state, STATE_CHAIN, buf_view(&b), e);
	buf_fini(&b);
	return ok;
}

static bool follow(struct engine *x, const struct review_entry *r, struct str line, struct err *e)
{
	struct chain chain;

	if (!chain_follow(&chain, r->seq, line))
		return err_set(e, ERR_PARSE, 0, "journal: a review without a chain");
	return put_chain(x, &chain, e);
}

bool reviews_apply(struct engine *x, const struct journal_entry *entry, struct err *e)
{
	struct review_entry r;
	struct held h = { .x = x, .review = &r, .arena = arena_new(HELD_ROOM + HELD_MAX * sizeof(*h.rows)) };
	bool ok;

	if (!review_entry_decode(entry->meta, &r)) {
		arena_free(&h.arena);
		return err_set(e, ERR_PARSE, 0, "journal: the meta of a review is of an unknown form");
	}
	h.rows = h.arena ? arena_alloc(h.arena, HELD_MAX * sizeof(*h.rows)) : NULL;
	ok = h.rows ? find_held(&h, e) : err_nomem(e);
	ok = ok && ((!arena_failed(h.arena) && !h.nomem) || err_nomem(e));
	for (size_t i = 0; ok && i < h.count; i++)
		ok = h.rows[i].partly ? state_delivery_update(x->parts.state, &h.rows[i].d, e)
		                      : decide(x, &h.rows[i].d, &r, e);
	arena_free(&h.arena);
	return ok && follow(x, &r, entry->line, e) && requests_remember(x, r.request, e);
}

bool reviews_load(struct engine *x, struct err *e)
{
	char bytes[CHAIN_LEN];
	struct rd r = { bytes, 0, false };

	chain_init(&x->requests.reviews);
	if (!state_get(x->parts.state, STATE_CHAIN, bytes, sizeof(bytes), &r.n, e))
		return false;
	return r.n == STATE_ABSENT || (r.n == sizeof(bytes) && chain_decode(&r, &x->requests.reviews)) ||
	       err_set(e, ERR_IO, 0, "state: the chain of the reviews is damaged");
}

/* A state that is gone or old is made good by the ledger itself. */
bool reviews_rebuild(struct engine *x, struct err *e)
{
	return reviews_load(x, e) && rebuild_last_of(x, STORE_REVIEWS, &x->requests.reviews, e) &&
	       (x->requests.reviews.seq == 0 || put_chain(x, &x->requests.reviews, e));
}
