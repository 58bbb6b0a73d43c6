/* absorb: what of a worker's answer is new, and what that leads to. The last place that looks at items one by one. */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/utf8.h"
#include "daemon/pipe/rules.h"
#include "daemon/pipe/storage.h"

#define FINDINGS_MAX                                                                                         \
	(64u                                                                                                 \
	    << 20) /* bytes: JOB_LISTED_MAX items, JOB_ITEMS_MAX of them with topics and alerts, or as they were */
/* Polls in a row that leave news for the next: a feed whose items are never twice the same must not stay "new" for ever. */
#define PAGES_MAX 64

#define REPAIR_MAX 200u /* bytes kept of what was mended; the parser's remarks are shorter */

#define UNKNOWN JOB_ALIASES_MAX

/* Which alias knows it. */
static unsigned known_by(const struct seen *seen, const struct job_item *item)
{
	for (unsigned k = 0; k < item->alias_count; k++) {
		const struct seen_entry *s = seen_find(seen, item->aliases[k].hash);

		if (s && (item->aliases[k].use != ALIAS_WEAK || s->content == item->content))
			return k;
	}
	return UNKNOWN;
}

static void write_routes(const struct classifier *c, const struct job_item *item, struct buf *out)
{
	buf_str(out, STR(STORE_ITEMS));
	for (size_t i = 0; i < item->topic_count; i++) {
		if (item->topics[i].decision != CLS_MATCH)
			continue;
		buf_byte(out, '\n');
		buf_str(out, str_from(cls_topic(c, item->topics[i].topic)->name));
	}
}

static bool is_match(const struct job_item *item)
{
	for (size_t i = 0; i < item->topic_count; i++)
		if (item->topics[i].decision == CLS_MATCH)
			return true;
	return false;
}

static const struct remembered *remember_first(struct engine *x, struct poll *p, const struct job_item *item)
{
	struct remembered *r = arena_alloc(p->arena, sizeof(*r));

	if (!r)
		return NULL;
	remembered_new(item, x->parts.classifier, r);
	memcpy(r->key, item->key.p, JOB_KEY_LEN);
	return r;
}

struct finding *absorb_add(
    struct engine *x, struct poll *p, const struct finding *f, const struct job_item *alerting)
{
	struct finding *to = &p->findings[p->finding_count++];

	*to = *f;
	p->kinds[f->kind]++;
	if (!f->item) {
		to->routes = STR(STORE_ITEMS);
		return to;
	}
	if (!f->known)
		to->first = remember_first(x, p, f->item);
	buf_clear(&x->scratch);
	write_routes(x->parts.classifier, f->item, &x->scratch);
	to->routes = arena_str(p->arena, buf_view(&x->scratch));
	p->matches += is_match(f->item);
	if ((p->first && !p->feed_conf->alert_first_poll) || alerting->topic_count == 0)
		return to;
	buf_clear(&x->scratch);
	rules_owed(x->conf, x->parts.classifier, p->feed_conf->name, alerting, &x->scratch);
	to->alerts = arena_str(p->arena, buf_view(&x->scratch));
	return to;
}

static bool take_item(
    struct engine *x, struct poll *p, const struct job_item *item, bool *held, struct err *e)
{
	const struct finding news = { .kind = RECORD_NEW, .item = item };
	unsigned k = item->stub ? 0 : known_by(x->seen, item);
	bool another = k == UNKNOWN;

	/* An archive holds what the feed listed once: an older text is no change. */
	if (!item->stub && !another && !p->archive && !revise_item(x, p, item, k, &another, held, e))
		return false;
	if (another)
		absorb_add(x, p, &news, item);
	else
		p->overlap++;
	return true;
}

static bool collect(struct engine *x, struct poll *p, const struct job_answer *a, struct err *e)
{
	buf_reset(&x->scratch);
	p->findings = arena_alloc(p->arena, (a->item_count + 1) * sizeof(*p->findings));
	p->held = arena_zalloc(p->arena, (a->item_count + 1) * sizeof(*p->held));
	for (size_t i = 0; p->findings && p->held && i < a->item_count; i++)
		if (!take_item(x, p, &a->items[i], &p->held[i], e))
			return false;
	return (!arena_failed(p->arena) && !x->scratch.failed) || err_nomem(e);
}

/* More news than one poll takes: the next ones take the rest, soon, and until then the document has not been read. */
static void note_left(struct poll *p, const struct job_answer *a)
{
	uint64_t beyond = a->item_total > JOB_LISTED_MAX ? a->item_total - JOB_LISTED_MAX : 0;

	p->in_pages = a->complete && a->left && p->after.pages < PAGES_MAX;
	if (p->left && p->after.pages == 0)
		log_warn("items-left", LOG_CSTR("feed", p->feed_conf->name), LOG_INT("items", a->item_total),
		    LOG_INT("left", a->left), LOG_INT("beyond", beyond));
	p->after.pages = (uint16_t)(p->in_pages ? p->after.pages + 1 : 0);
}

/* What was mended is for people: without memory for its text the document is as good. */
static void note_repair(struct poll *p, const struct job_answer *a)
{
	struct feedstate *s = &p->after;
	struct err why = { .kind = ERR_NONE };
	struct buf text;

	buf_init(&text, 2 * REPAIR_MAX);
	if (a->recovered) {
		p->learned.repairs++;
		p->learned.repaired_at = p->at;
		if (a->note.n)
			buf_str(&text, utf8_cut(a->note, REPAIR_MAX));
		else
			buf_fmt(&text, "its encoding is not the declared one but %.*s",
			    STR_ARG(utf8_cut(a->encoding, REPAIR_MAX / 2)));
	}
	if (!feedtext_set(&s->texts, FEEDTEXT_REPAIR, buf_view(&text), &why))
		log_debug("memory-short", LOG_CSTR("error", why.text));
	buf_fini(&text);
}

static bool note_document(struct engine *x, struct poll *p, const struct job_answer *a, struct err *e)
{
	p->items = a->item_total;
	p->recovered = a->recovered;
	p->incomplete = !a->complete;
	p->left = a->left + (a->item_total > JOB_LISTED_MAX ? a->item_total - JOB_LISTED_MAX : 0);
	if (p->archive || p->pushed)
		return true;
	websub_note(x, p, a->hub, a->self);
	note_repair(p, a);
	note_left(p, a);
	p->after.items = (uint32_t)a->item_count;
	/* A feed that never ends properly must not stay "new" for ever. */
	p->after.known = p->after.known || (!p->in_pages && (a->complete || p->after.success_at != 0));
	if (a->item_count)
		p->learned.newest = a->items[0].aliases[0].hash;
	if (a->complete)
		p->learned.hints = hints_of(a->ttl_ms, a->skip_hours, a->skip_days);
	/* The window, and with it the right to forget, moves only on a document that was seen to its end. */
	return p->incomplete || revise_window(x, p, a, e);
}

static void forget(struct poll *p)
{
	arena_free(&p->arena);
	buf_fini(&p->frame);
	p->findings = NULL;
	p->held = NULL;
	p->finding_count = 0;
	p->matches = 0;
	memset(p->kinds, 0, sizeof(p->kinds));
}

bool absorb(struct engine *x, struct poll *p, struct str frame, struct err *e)
{
	size_t topics = cls_topic_count(x->parts.classifier);
	struct err why = { .kind = ERR_NONE };
	struct job_answer a;

	p->arena = arena_new(FINDINGS_MAX);
	if (!p->arena)
		return err_nomem(e);
	buf_str(&p->frame, frame);
	if (p->frame.failed) {
		err_nomem(e);
		goto fail;
	}
	if (!job_answer_decode(buf_view(&p->frame), topics, p->arena, &a, &why)) {
		err_set(e, why.kind == ERR_PARSE ? ERR_IO : why.kind, 0, "%s",
		    why.text); /* not the publisher's fault */
		goto fail;
	}
	if (a.error.kind != ERR_NONE) {
		*e = a.error;
		goto fail;
	}
	if (!former_names(x, p, &a, e) || !collect(x, p, &a, e) || !tie_document(x, p, &a, e) ||
	    !note_document(x, p, &a, e))
		goto fail;
	if (p->finding_count == 0)
		forget(p);
	return true;
fail:
	p->tie = TIE_NOTHING_READ;
	p->event_count = 0;
	forget(p);
	return false;
}
