/*
 * revise: what is due for items that are known: their publisher changed them, or took them out. What is remembered of them is in the state; where
 * that lags, nothing is decided, and the document counts as not recorded as it is.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/hash.h"
#include "daemon/pipe/listing.h"

#define DAY_S 86400u

struct known_item {
	uint64_t number;
	struct remembered remembered;
	bool is_remembered; /* false: recorded by the first release, which kept less */
};

/* *found: false when it cannot be told now. */
static bool load_known(
    struct engine *x, struct poll *p, uint64_t alias, struct known_item *out, bool *found, struct err *e)
{
	struct state_seen row;
	struct err why = { .kind = ERR_NONE };
	struct buf blob;
	bool ok;

	*out = (struct known_item){ .number = 0 };
	*found = false;
	if (x->house.state_lags || !state_seen_get(x->parts.state, alias, &row, found, &why) || !*found)
		return true;
	out->number = row.value;
	buf_init(&blob, REMEMBERED_MAX);
	ok = state_numbered_get(x->parts.state, STATE_ITEMS, row.value, &blob, &out->is_remembered, &why);
	if (ok && out->is_remembered) {
		struct str kept = arena_str(p->arena, buf_view(&blob));

		out->is_remembered = !arena_failed(p->arena) && remembered_decode(kept, &out->remembered);
	}
	buf_fini(&blob);
	*found = ok;
	return !arena_failed(p->arena) || err_nomem(e);
}

static bool has_finding(const struct poll *p, uint64_t number)
{
	for (size_t i = 0; i < p->finding_count; i++)
		if (p->findings[i].known && p->findings[i].number == number)
			return true;
	return false;
}

static uint64_t hash_of_topics(const struct engine *x, const struct job_topic *topics, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++) /* in whatever order the classifier of the day has them */
		sum += hash64(
		    str_from(cls_topic(x->parts.classifier, topics[i].topic)->name), topics[i].decision);
	return count ? sum + (sum == 0) : 0;
}

/* An alert only for topics that it had not. */
static bool add_revision(struct engine *x, struct poll *p, const struct known_item *known,
    const struct remembered *after, struct finding *f, struct err *e)
{
	struct job_item alerting = *f->item;
	struct job_topic *grown = arena_alloc(p->arena, (f->item->topic_count + 1) * sizeof(*grown));
	struct remembered *row = arena_alloc(p->arena, sizeof(*row));

	if (!grown || !row)
		return err_nomem(e);
	*row = *after;
	alerting.topics = grown;
	alerting.topic_count = remembered_grown(&known->remembered, f->item, x->parts.classifier, grown);
	f->kind = RECORD_REVISION;
	f->number = known->number;
	f->known = row;
	if (known->is_remembered)
		f->grown = hash_of_topics(x, grown, alerting.topic_count);
	absorb_add(x, p, f, &alerting);
	return true;
}

/* The record of which nothing but its number, its names and a hash of its text is known. Whether it was alerted the delivery's key tells. */
static bool revise_bare(
    struct engine *x, struct poll *p, const struct job_item *item, struct known_item *known, struct err *e)
{
	struct finding f = { .item = item };
	struct remembered after;

	remembered_new(item, x->parts.classifier, &after);
	after.seq = known->number;
	memcpy(after.key, item->key.p, JOB_KEY_LEN);
	memcpy(after.case_key, item->key.p, JOB_KEY_LEN);
	return add_revision(x, p, known, &after, &f, e);
}

bool revise_item(struct engine *x, struct poll *p, const struct job_item *item, unsigned k, bool *another,
    bool *held, struct err *e)
{
	const struct seen_entry *seen = seen_find(x->seen, item->aliases[k].hash);
	struct judging j = {
		.item = item,
		.classifier = x->parts.classifier,
		.by_link =
		    k == 1 && item->alias_count == JOB_ALIASES_MAX && item->aliases[0].use == ALIAS_STRONG,
		.now = p->at,
		.limit = (uint32_t)x->conf->records.revisions_per_day,
	};
	struct finding f = { .item = item, .changed_known = true };
	uint32_t content = seen->content;
	struct remembered after;
	struct known_item known;
	enum judgement judged;
	bool found;

	if (!load_known(x, p, item->aliases[k].hash, &known, &found, e))
		return false;
	*held = !found;
	if (!found || has_finding(p, known.number))
		return true;
	if (!known.is_remembered)
		return content == item->content || revise_bare(x, p, item, &known, e);
	judged = remembered_judge(&known.remembered, &j, &after, &f.changed);
	*another = judged == JUDGED_ANOTHER;
	*held = judged == JUDGED_HELD;
	p->held_count += *held;
	return judged != JUDGED_REVISED || add_revision(x, p, &known, &after, &f, e);
}

/* Once a day at most: servers that do not agree must not fill the log. */
static bool withdraw(struct engine *x, struct poll *p, const struct window_entry *entry, struct err *e)
{
	uint32_t now = (uint32_t)(p->at / 1000);
	struct known_item known = { .number = 0 };
	struct remembered *row;
	bool found = false;

	if (entry->alias_count && !load_known(x, p, entry->aliases[0], &known, &found, e))
		return false;
	if (!found || !known.is_remembered || known.remembered.withdrawn || has_finding(p, known.number) ||
	    (known.remembered.withdrawn_at && now - known.remembered.withdrawn_at < DAY_S))
		return true;
	row = arena_alloc(p->arena, sizeof(*row));
	if (!row)
		return err_nomem(e);
	*row = known.remembered;
	row->withdrawn = true;
	row->withdrawn_at = now;
	absorb_add(
	    x, p, &(struct finding){ .kind = RECORD_WITHDRAWN, .number = known.number, .known = row }, NULL);
	return true;
}

/* The findings have room for the items of the document; what left it comes behind them. */
static bool make_room(struct poll *p, size_t more, struct err *e)
{
	struct finding *all = arena_alloc(p->arena, (p->finding_count + more) * sizeof(*all));

	if (!all)
		return err_nomem(e);
	memcpy(all, p->findings, p->finding_count * sizeof(*all));
	p->findings = all;
	return true;
}

static bool withdraw_all(struct engine *x, struct poll *p, const struct listing *l, struct err *e)
{
	size_t count;
	const struct window_entry *gone = window_entries(&l->withdrawn, &count);

	if (count && !make_room(p, count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!withdraw(x, p, &gone[i], e))
			return false;
	return true;
}

static bool write_window(struct poll *p, const struct listing *l, struct err *e)
{
	size_t count;
	const struct window_entry *entries = window_entries(&l->window, &count);
	uint64_t hash = window_write(entries, count, &p->window);

	if (p->window.failed)
		return err_nomem(e);
	if (hash == p->after.window)
		buf_clear(&p->window);
	p->after.window = hash;
	return true;
}

static bool load_window(struct engine *x, const struct poll *p, struct buf *entries, struct err *e)
{
	struct str window;

	return p->feed->state.window == 0 ||
	       (window_load(x, feed_name(p->feed_conf), &window, e) && window_read(window, entries, e));
}

bool revise_window(struct engine *x, struct poll *p, const struct job_answer *a, struct err *e)
{
	struct listing l = {
		.now = a->items,
		.now_count = a->item_count,
		.held = p->held,
		.trusted = !p->recovered && p->left == 0 && p->feed->state.pages == 0 && !x->house.state_lags,
	};
	struct buf before;
	bool ok;

	listing_init(&l);
	buf_init(&before, JOB_LISTED_MAX * sizeof(struct window_entry));
	ok = load_window(x, p, &before, e);
	l.before = window_entries(&before, &l.before_count);
	ok = ok && listing_compare(&l, e) && withdraw_all(x, p, &l, e) && write_window(p, &l, e);
	p->look_again = l.missed != 0;
	listing_fini(&l);
	buf_fini(&before);
	return ok;
}
