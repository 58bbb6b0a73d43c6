/*
 * work: job_run. Items stream from the parser straight into the answer frame; nothing of them is kept but their names, which can be
 * judged only when the whole document was seen and are written into the frame then. A document with more news than one answer holds is parsed
 * once more, for a page of it: the oldest that are new, so that following polls reach all of it in order. So is one with news whose texts end as
 * others do (tails), which is known only then.
 */
#include "classifiers/cls_watch.h"
#include "daemon/base/utf8.h"
#include "daemon/pipe/answer_priv.h"
#include "daemon/pipe/fingerprint.h"
#include "daemon/pipe/identity.h"
#include "daemon/pipe/job.h"
#include "daemon/pipe/record.h"
#include "daemon/pipe/tails.h"

#include <stdlib.h>

#define META_MAX (8u << 20) /* bytes of the document's own strings, twice, and of the names that are known */
#define SCRATCH_MAX (8u << 20) /* bytes; a tally of JOB_LISTED_MAX items takes all of it */
#define RECORD_ROOM (8u << 20) /* bytes; more than any record takes, so that a full answer ends between two */
#define LANGUAGE_MAX 36 /* bytes; BCP 47 recommends to accept so many */
#define NOTE_MAX 200 /* bytes of the parser's remark */

struct work {
	const struct job *job;
	const struct classifier *classifier;
	struct cls_scratch *cls;
	struct cls_result *results; /* one per topic */
	struct feed_meta meta;
	uint64_t seed;
	uint64_t *known; /* sorted */
	size_t known_count;
	struct buf *out;
	struct buf identities; /* of struct identity */
	struct fingerprint_tools tools;
	struct tails tails;
	struct buf ends; /* uint64_t: the last pieces of what was written in full */
	bool again; /* the document is read for the second time: its tails are known */
	struct buf scratch;
	size_t count; /* identities */
	size_t first_block; /* where the blocks begin in the frame */
	size_t blocks, written; /* written: those in full */
	size_t next; /* of the second reading: which identity is the next item's */
	uint64_t total, left;
	bool full; /* items were left out */
	struct err error; /* why the sink stopped */
};

static void put64(char *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (char)(v >> (8 * i));
}

static void put32(char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(v >> (8 * i));
}

static int compare_prints(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool load_known(struct work *w, struct arena *a, struct err *e)
{
	struct rd r = { w->job->known.p, w->job->known.n, false };

	w->known_count = r.n / sizeof(uint64_t);
	w->known = arena_alloc(a, r.n);
	if (!w->known)
		return err_nomem(e);
	for (size_t i = 0; i < w->known_count; i++)
		w->known[i] = rd_le64(&r);
	if (w->known_count)
		qsort(w->known, w->known_count, sizeof(*w->known), compare_prints);
	return true;
}

static bool is_known(const struct work *w, uint64_t print)
{
	return w->known_count &&
	       bsearch(&print, w->known, w->known_count, sizeof(*w->known), compare_prints) != NULL;
}

static struct identity *next_identity(struct work *w)
{
	struct identity *i = (struct identity *)(void *)buf_reserve(&w->identities, sizeof(*i));

	if (i)
		buf_grown(&w->identities, sizeof(*i));
	return i;
}

static struct str item_language(const struct work *w, const struct feed_item *item)
{
	struct str s = item->language;

	if (s.n == 0)
		s = w->meta.language;
	if (s.n == 0)
		s = w->job->language;
	if (s.n == 0)
		s = w->job->content_language;
	s = str_trim(s);
	return s.n <= LANGUAGE_MAX ? s : (struct str){ NULL, 0 };
}

static cls_tokens_f on_tokens;
static void on_tokens(void *ctx, enum cls_field field, const struct cls_tokens *block)
{
	fingerprint_see(ctx, field == CLS_FIELD_TEXT, block);
}

/* Its fingerprint is made of the same tokens, where the classifier sees all of the text. */
static bool classify(struct work *w, const struct record *r, struct fingerprint *print)
{
	struct fingerprint_reading reading;
	bool whole = r->text_end == r->text.n;
	char language[LANGUAGE_MAX + 1] = "";
	struct cls_error ce;
	struct cls_input in = {
		.title = { r->title.p, r->title.n },
		.text = { r->text.p, r->text_end },
		.language = r->language.n ? language : NULL,
	};
	struct cls_watcher watcher = { on_tokens, &reading };

	if (r->language.n)
		memcpy(language, r->language.p, r->language.n);
	fingerprint_begin(&reading, &w->tools, r->title, r->text, print);
	if (!cls_classify_watched(w->classifier, w->cls, &in, whole ? &watcher : NULL, w->results, &ce))
		return err_nomem(&w->error);
	if (whole)
		fingerprint_finish(&reading);
	else
		fingerprint_of(r->title, r->text, print);
	return true;
}

static void write_topics(struct work *w)
{
	size_t n = cls_topic_count(w->classifier), count_at = w->out->n;
	uint32_t count = 0;

	buf_le32(w->out, 0);
	for (size_t i = 0; i < n; i++) {
		const struct cls_result *t = &w->results[i];
		uint64_t bits;

		/* What a shadow says stands in its record, and nowhere else. */
		if (t->decision == CLS_NONE || cls_topic(w->classifier, i)->shadow)
			continue;
		memcpy(&bits, &t->score, sizeof(bits));
		buf_le32(w->out, (uint32_t)i);
		buf_le64(w->out, bits);
		buf_byte(w->out, (char)t->decision);
		count++;
	}
	if (!w->out->failed)
		put32(w->out->p + count_at, count);
}

static bool write_full(struct work *w, const struct feed_item *item, struct str title, struct str text)
{
	struct record r = {
		.item = item,
		.title = title,
		.text = text,
		.text_end = w->again ? tails_end(&w->tails, text) : text.n,
		.language = item_language(w, item),
		.results = w->results,
		.result_count = cls_topic_count(w->classifier),
		.classifier = w->classifier,
	};
	struct fingerprint print;
	size_t length_at, head;

	if (!classify(w, &r, &print))
		return false;
	write_topics(w);
	length_at = w->out->n;
	buf_le32(w->out, 0);
	head = record_write(&r, w->out);
	if (w->out->failed)
		return err_nomem(&w->error);
	put32(w->out->p + length_at, (uint32_t)(w->out->n - length_at - 4));
	buf_le32(w->out, (uint32_t)head);
	fingerprint_encode(&print, w->out);
	buf_str32(w->out, record_url(item));
	return !w->out->failed || err_nomem(&w->error);
}

/* The head of a block; its uses and its key are written by settle(). */
static void write_head(struct work *w, const struct identity *i, bool stub)
{
	buf_byte(w->out, stub ? BLOCK_STUB : 0);
	buf_byte(w->out, (char)i->count);
	for (unsigned k = 0; k < JOB_ALIASES_MAX; k++) {
		buf_le64(w->out, i->aliases[k].hash);
		buf_byte(w->out, ALIAS_STRONG);
	}
	buf_le64(w->out, i->print);
	buf_le32(w->out, i->content);
	for (unsigned m = 0; m < MEMBERS; m++)
		buf_le32(w->out, i->members[m]);
	buf_le64(w->out, (uint64_t)i->published);
}

static bool has_known_alias(const struct work *w, const struct identity *i)
{
	for (unsigned k = 0; k < i->count; k++)
		if (is_known(w, i->aliases[k].hash))
			return true;
	return false;
}

static bool write_block(struct work *w, struct identity *i, const struct feed_item *item)
{
	i->at = SIZE_MAX;
	if ((!i->known && w->written == JOB_ITEMS_MAX) || w->out->limit - w->out->n < RECORD_ROOM) {
		w->full = true;
		return true;
	}
	i->at = w->out->n;
	w->blocks++;
	write_head(w, i, i->known);
	if (i->known)
		return true;
	w->written++;
	return write_full(
	    w, item, utf8_cut(item->title, JOB_TITLE_MAX), utf8_cut(item->content_text, JOB_TEXT_MAX));
}

/* Before it is known how the others end. */
static bool add_tail(struct work *w, struct str text, bool written)
{
	uint64_t last = tails_add(&w->tails, text);

	if (written)
		buf_add(&w->ends, &last, sizeof(last));
	return (!w->tails.prints.failed && !w->ends.failed) || err_nomem(&w->error);
}

static feed_item_f on_item;
static bool on_item(void *ctx, const struct feed_item *item)
{
	struct work *w = ctx;
	struct str title = utf8_cut(item->title, JOB_TITLE_MAX);
	struct str text = utf8_cut(item->content_text, JOB_TEXT_MAX);
	struct identity *i;

	w->total++;
	if (w->count == JOB_LISTED_MAX)
		return true;
	i = next_identity(w);
	if (!i)
		return err_nomem(&w->error);
	identity_of(w->seed, item, title, text, &w->scratch, i);
	i->known = is_known(w, i->print);
	i->fresh = !i->known && !has_known_alias(w, i);
	w->count++;
	return write_block(w, i, item) && add_tail(w, text, !i->known && i->at != SIZE_MAX);
}

static void write_key(char *block, const struct identity *i)
{
	const struct hash128 *key = &i->keys[identity_primary(i)];
	uint32_t topics = (uint32_t)(unsigned char)block[BLOCK_HEAD_LEN] |
	                  (uint32_t)(unsigned char)block[BLOCK_HEAD_LEN + 1] << 8;
	size_t body = BLOCK_HEAD_LEN + 4 + topics * (4 + 8 + 1) + 4;
	uint8_t bytes[JOB_KEY_LEN / 2];

	for (int n = 0; n < 8; n++) {
		bytes[n] = (uint8_t)(key->hi >> (56 - 8 * n));
		bytes[8 + n] = (uint8_t)(key->lo >> (56 - 8 * n));
	}
	hex_encode(bytes, sizeof(bytes), block + body + BODY_KEY_AT);
}

static struct identity *identities(const struct work *w)
{
	return (struct identity *)(void *)w->identities.p;
}

/* Now that all items are known: which of their names count, and so which keys they get. */
static void write_names(struct work *w)
{
	struct identity *all = identities(w);

	for (size_t n = 0; n < w->count; n++) {
		char *block = w->out->p + all[n].at;

		if (all[n].at == SIZE_MAX) {
			w->left += all[n].fresh && !all[n].repeated;
			continue;
		}
		if (all[n].repeated)
			block[0] = (char)(block[0] | BLOCK_REPEATED);
		for (unsigned k = 0; k < all[n].count; k++)
			block[BLOCK_ALIASES_AT + k * BLOCK_ALIAS_LEN + 8] = (char)all[n].aliases[k].use;
		if (!(block[0] & BLOCK_STUB))
			write_key(block, &all[n]);
	}
}

/* The oldest first, which feeds list last; but the newest of a document that breaks off, whose window cannot move on. */
static void choose(struct work *w, bool fresh, size_t *room)
{
	struct identity *all = identities(w);

	for (size_t n = 0; n < w->count && *room; n++) {
		struct identity *i = &all[w->meta.complete ? w->count - 1 - n : n];

		if (i->known || i->repeated || i->fresh != fresh)
			continue;
		i->chosen = true;
		--*room;
	}
}

static feed_item_f on_item_again;
static bool on_item_again(void *ctx, const struct feed_item *item)
{
	struct work *w = ctx;
	struct identity *i;

	if (w->next == w->count)
		return true;
	i = &identities(w)[w->next++];
	i->at = SIZE_MAX;
	if (!i->known && !i->chosen) {
		if (i->fresh || i->repeated)
			return true;
		/* It changed, and there is no room for it: it is still listed, but not as it is in the log. */
		i->known = true;
		i->print = 0;
	}
	return write_block(w, i, item);
}

/* What is new under every name goes before what only changed, so that every page brings the document's end nearer. */
static void choose_page(struct work *w)
{
	size_t room = w->written;

	choose(w, true, &room);
	choose(w, false, &room);
}

static void choose_all(struct work *w)
{
	for (size_t n = 0; n < w->count; n++)
		identities(w)[n].chosen = !identities(w)[n].known;
}

static bool is_tailed(const struct work *w)
{
	const uint64_t *ends = (const uint64_t *)(const void *)w->ends.p;

	for (size_t n = 0; n < w->ends.n / sizeof(*ends); n++)
		if (tails_recurs(&w->tails, ends[n]))
			return true;
	return false;
}

static bool read_again(struct work *w, const struct feed_input *in, struct arena *a, struct err *e)
{
	struct feed_meta again = { .ttl_ms = -1 };

	w->again = true;
	w->out->n = w->first_block;
	w->blocks = w->written = 0;
	return feed_parse(in, on_item_again, w, a, &again, e);
}

static void write_frame_head(const struct work *w, char *p, const struct err *error)
{
	const struct feed_meta *m = &w->meta;

	put32(p, ANSWER_MAGIC);
	put64(p + 4, w->job->id);
	p[12] = (char)error->kind;
	p[13] = (char)m->format;
	p[14] = (char)((m->recovered ? ANSWER_RECOVERED : 0) | (m->complete ? ANSWER_COMPLETE : 0));
	p[15] = (char)m->skip_days;
	put64(p + 16, (uint64_t)m->ttl_ms);
	put32(p + 24, m->skip_hours);
	put64(p + 28, w->total);
	put64(p + 36, w->left);
	put32(p + 44, (uint32_t)w->blocks);
}

static void write_link(const struct work *w, struct str url)
{
	buf_str32(w->out, url.n <= JOB_LINK_MAX ? url : (struct str){ NULL, 0 });
}

static void write_tail(const struct work *w, const struct err *error)
{
	const struct feed_meta *m = &w->meta;

	buf_str32(w->out, str_from(error->kind == ERR_NONE ? "" : error->text));
	buf_str32(w->out, utf8_cut(m->title, JOB_TITLE_MAX));
	buf_str32(w->out, utf8_cut(m->language, LANGUAGE_MAX));
	buf_str32(w->out, utf8_cut(m->encoding, LANGUAGE_MAX));
	buf_str32(w->out, utf8_cut(str_from(m->error), NOTE_MAX));
	write_link(w, m->archive_url);
	write_link(w, m->hub_url);
	write_link(w, m->self_url);
}

static bool settle(struct work *w, const struct feed_input *in, struct arena *a, struct err *e)
{
	if (w->count == 0)
		return true;
	if (!identity_settle(identities(w), w->count, &w->scratch, e))
		return false;
	tails_settle(&w->tails);
	if (w->full)
		choose_page(w);
	else
		choose_all(w);
	if ((w->full || is_tailed(w)) && !read_again(w, in, a, e))
		return false;
	write_names(w);
	return true;
}

static bool parse(struct work *w, struct arena *a, struct err *e)
{
	struct feed_input in = {
		.body = w->job->body,
		.content_type = w->job->content_type,
		.content_location = w->job->content_location,
		.base_url = w->job->url,
		.content_language = w->job->content_language,
		.assume_minutes = w->job->assume_minutes,
		.cpu_budget_ms = w->job->cpu_budget_ms,
		.skip = FEED_SKIP_HTML, /* records hold plain text alone */
	};

	w->results = arena_alloc(a, (cls_topic_count(w->classifier) + 1) * sizeof(*w->results));
	if (!w->results)
		return err_nomem(e);
	if (!load_known(w, a, e))
		return false;
	if (!feed_parse(&in, on_item, w, a, &w->meta, e) || !settle(w, &in, a, e)) {
		if (w->error.kind != ERR_NONE)
			*e = w->error;
		return false;
	}
	return true;
}

bool job_run(const struct job *job, const struct classifier *c, struct cls_scratch *scratch, struct buf *out,
    struct err *e)
{
	struct arena *a = arena_new(META_MAX);
	struct work w = { .job = job,
		.classifier = c,
		.cls = scratch,
		.meta.ttl_ms = -1,
		.seed = identity_seed(job->feed),
		.out = out };
	struct err error = { .kind = ERR_NONE };
	size_t start = out->n;

	if (!a)
		return err_nomem(e);
	buf_init(&w.identities, JOB_LISTED_MAX * sizeof(struct identity));
	buf_init(&w.scratch, SCRATCH_MAX);
	buf_init(&w.ends, JOB_LISTED_MAX * sizeof(uint64_t));
	fingerprint_tools_init(&w.tools);
	tails_init(&w.tails, JOB_LISTED_MAX);
	for (int i = 0; i < ANSWER_HEAD_LEN; i++)
		buf_byte(out, 0);
	w.first_block = out->n;
	if (!parse(&w, a, &error) && !out->failed) {
		out->n = w.first_block;
		w.blocks = 0;
		w.left = 0;
	}
	write_tail(&w, &error);
	if (!out->failed)
		write_frame_head(&w, out->p + start, &error);
	buf_fini(&w.identities);
	buf_fini(&w.scratch);
	buf_fini(&w.ends);
	tails_fini(&w.tails);
	arena_free(&a);
	return !out->failed || err_nomem(e);
}
