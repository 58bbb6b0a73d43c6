/* finding: a record's line, and what stands beside it in the journal. */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/date.h"

static void write_changed(const struct finding *f, struct buf *out)
{
	bool first = true;

	buf_str(out, STR(",\"changed\":["));
	for (unsigned m = 0; m < MEMBERS; m++) {
		if (!(f->changed >> m & 1))
			continue;
		buf_str(out, first ? STR("\"") : STR(",\""));
		buf_str(out, str_from(member_name((enum member_of_item)m)));
		buf_byte(out, '"');
		first = false;
	}
	buf_byte(out, ']');
}

static void write_seen(const struct poll *p, enum record_kind kind, struct buf *out)
{
	char at[DATE_TEXT_MAX];

	buf_str(out, STR(",\"seen_at\":\""));
	buf_add(out, at, date_format_ms(p->at, at));
	buf_str(out, STR("\",\"kind\":\""));
	buf_str(out, str_from(record_kind_name(kind)));
	buf_str(out, STR("\",\"feed\":\""));
	buf_str(out, feed_name(p->feed_conf)); /* [a-z0-9._-]+ */
	buf_str(out, STR("\",\"key\":\""));
}

/* The same text in another feed: it is its case then, and says where it was. */
static void find_case(struct engine *x, const struct poll *p, const struct finding *f, struct remembered *r,
    struct case_item *out)
{
	int64_t published = f->item->published;
	struct buf *sources = &x->commits.sources;

	*out = (struct case_item){
		.seq = x->commits.next.items.seq + 1,
		.at = (uint32_t)(p->at / 1000),
		.since = (uint32_t)(p->at / 1000),
		.published = published > 0 && published <= UINT32_MAX ? (uint32_t)published : 0,
		.feed = feed_name(p->feed_conf),
		.url = f->item->url,
	};
	memcpy(out->key, r->key, JOB_KEY_LEN);
	if (x->conf->records.case_items == 0 || !fingerprint_decode(f->item->fingerprint, &out->print))
		out->print.kind = FINGERPRINT_NONE;
	else if (!cases_find(x->cases, out, x->conf->records.case_window, sources))
		buf_clear(sources);
	memcpy(r->case_key, out->key, JOB_KEY_LEN);
}

/* An item keeps its key, whatever its publisher calls it later. */
static void write_line(struct chain *chain, const struct poll *p, const struct finding *f,
    const struct remembered *r, struct str sources, struct buf *out)
{
	const size_t behind_key = sizeof("\"key\":\"") - 1 + JOB_KEY_LEN + 1;
	size_t start = out->n;

	chain_open_line(chain, out);
	write_seen(p, f->kind, out);
	buf_add(out, r->key, JOB_KEY_LEN);
	buf_byte(out, '"');
	buf_str(out, f->item ? str_skip(f->item->body, behind_key) : r->head);
	if (f->kind != RECORD_NEW) {
		buf_str(out, STR(",\"revises\":"));
		buf_u64(out, r->seq);
	}
	if (f->changed_known)
		write_changed(f, out);
	buf_str(out, STR(",\"case\":\""));
	buf_add(out, r->case_key, JOB_KEY_LEN);
	buf_byte(out, '"');
	if (sources.n) {
		buf_str(out, STR(",\"sources\":"));
		buf_str(out, sources);
	}
	chain_seal_line(chain, out, start);
}

/* A case is alerted once; topics that came with a revision once more, whoever of its sources brought them. */
static void write_delivery(const struct finding *f, const struct remembered *r, struct buf *out)
{
	buf_reset(out);
	buf_add(out, r->case_key, JOB_KEY_LEN);
	if (f->grown)
		buf_fmt(out, ":%016llx", (unsigned long long)f->grown);
}

static void write_meta(struct engine *x, const struct poll *p, const struct finding *f, struct remembered *r,
    const struct case_item *of_case)
{
	struct commits *c = &x->commits;
	struct item_entry m = {
		.seq = c->next.items.seq,
		.at = p->at,
		.feed = feed_name(p->feed_conf),
		.key = str_of(r->key, JOB_KEY_LEN),
		.last = p->incomplete || p->archive || p->pushed ? (uint32_t)(p->at / 1000) : SEEN_LISTED,
		.alerts = f->alerts,
		.kind = f->kind,
		.number = f->kind == RECORD_NEW ? c->next.items.seq : f->number,
	};

	r->seq = m.seq;
	remembered_encode(r, &c->blob);
	m.remembered = buf_view(&c->blob);
	write_delivery(f, r, &x->scratch);
	m.delivery = buf_view(&x->scratch);
	buf_reset(&c->sources);
	if (of_case->print.kind != FINGERPRINT_NONE)
		case_item_encode(of_case, &c->sources);
	m.case_item = buf_view(&c->sources);
	for (unsigned k = 0; f->item && k < f->item->alias_count; k++)
		if (f->item->aliases[k].use == ALIAS_STRONG)
			m.aliases[m.alias_count++] = f->item->aliases[k].hash;
	if (f->item)
		m.content = f->item->content;
	item_entry_encode(&m, &c->meta);
	c->meta.failed = c->meta.failed || c->blob.failed || x->scratch.failed || c->sources.failed;
}

void finding_write(struct engine *x, const struct poll *p, const struct finding *f)
{
	struct commits *c = &x->commits;
	struct case_item of_case = { .print.kind = FINGERPRINT_NONE };
	struct remembered r;

	buf_reset(&c->sources);
	if (f->known) {
		r = *f->known;
	} else {
		r = *f->first;
		find_case(x, p, f, &r, &of_case);
	}
	write_line(&c->next.items, p, f, &r, buf_view(&c->sources), &c->line);
	write_meta(x, p, f, &r, &of_case);
	if (!c->line.failed && !c->meta.failed && !cases_add(x->cases, &of_case))
		c->meta.failed = true;
}
