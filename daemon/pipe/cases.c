/*
 * cases: a ring of items, and chains through it by band. A link is the lower half of an item's serial number: those that the ring has left behind end a
 * chain by themselves, because all behind them are older. An item's place in the ring says its serial number. An item is one piece of memory, with no
 * room for what it does not have.
 */
#include "daemon/pipe/cases.h"

#include "daemon/base/hash.h"
#include "daemon/base/json.h"

#include <stdlib.h>

#define FORM 1 /* raised only when a field changes its meaning */
#define CHAIN_EXACT FINGERPRINT_BANDS /* by the very words */
#define CHAIN_CASE (FINGERPRINT_BANDS + 1) /* by the key of the case */
#define CHAINS (FINGERPRINT_BANDS + 2)
#define LOOK_MAX 64 /* items of one chain that are compared: what so many begin alike says nothing */
#define SHORT_S 86400u /* a headline is the same for a day */

/* Most of a chain are there only because their hashes end alike: what tells them apart is beside the link, and nothing else of them is read. */
struct link {
	uint32_t before; /* in the same chain; 0: none */
	uint32_t mark; /* the band; of the other chains nothing */
};

struct remembered_case {
	struct link links[CHAINS];
	uint64_t seq;
	uint64_t exact;
	uint32_t at, since, published;
	uint32_t feed_len, url_len;
	uint8_t kind, title, numbers, names; /* the last three: how many of each set */
	uint8_t samples[FINGERPRINT_SAMPLES];
	char key[JOB_KEY_LEN];
	uint16_t sets[]; /* one after the other; behind them feed and url */
};

struct cases {
	struct remembered_case **ring;
	uint32_t most, mask;
	uint64_t newest; /* serial */
	uint32_t newest_at; /* its place in the ring */
	uint32_t *heads; /* a chain's newest, by hash; each kind of chain has a table of its own */
};

bool cases_new(uint32_t most, struct cases **out, struct err *e)
{
	struct cases *c = calloc(1, sizeof(*c));
	uint32_t heads = 16;

	while (heads < most)
		heads *= 2;
	if (c) {
		c->most = most;
		c->mask = heads - 1;
		c->ring = calloc(most + 1u, sizeof(struct remembered_case *));
		c->heads = calloc((size_t)heads * CHAINS, sizeof(*c->heads));
	}
	if (!c || !c->ring || !c->heads) {
		cases_free(&c);
		return err_nomem(e);
	}
	*out = c;
	return true;
}

void cases_free(struct cases **cases)
{
	struct cases *c = *cases;

	*cases = NULL;
	if (!c)
		return;
	for (uint32_t i = 0; c->ring && i < c->most; i++)
		free(c->ring[i]);
	free(c->ring);
	free(c->heads);
	free(c);
}

static struct remembered_case *at_serial(const struct cases *c, uint64_t serial)
{
	uint64_t back = c->newest - serial;

	if (serial == 0 || serial > c->newest || back >= c->most)
		return NULL;
	return c->ring[back <= c->newest_at ? c->newest_at - back : c->newest_at + c->most - back];
}

static uint32_t place_behind(const struct cases *c, uint32_t place)
{
	return place + 1 < c->most ? place + 1 : 0;
}

static uint32_t place_before(const struct cases *c, uint32_t place)
{
	return (place > 0 ? place : c->most) - 1;
}

/* The one that a link names, older than *serial, which becomes its own: so chains end, even when four billion items have gone by. */
static struct remembered_case *follow(const struct cases *c, uint64_t *serial, uint32_t link)
{
	uint32_t back = (uint32_t)*serial - link;

	if (!link || !back || back >= *serial)
		return NULL;
	*serial -= back;
	return at_serial(c, *serial);
}

static struct str feed_of(const struct remembered_case *r)
{
	const char *strings = (const char *)(r->sets + r->title + r->numbers + r->names);

	return str_of(strings, r->feed_len);
}

static struct str url_of(const struct remembered_case *r)
{
	return str_of(feed_of(r).p + r->feed_len, r->url_len);
}

static const uint16_t *take_set(const uint16_t *from, uint8_t count, struct fingerprint_set *out)
{
	out->count = count;
	memcpy(out->at, from, count * sizeof(*from));
	return from + count;
}

static void unpack(const struct remembered_case *r, struct case_item *out)
{
	const uint16_t *sets = r->sets;

	*out = (struct case_item){ .seq = r->seq, .at = r->at, .since = r->since, .published = r->published };
	out->feed = feed_of(r);
	out->url = url_of(r);
	out->print.kind = (enum fingerprint_kind)r->kind;
	out->print.exact = r->exact;
	memcpy(out->key, r->key, sizeof(r->key));
	for (unsigned chain = 0; chain < FINGERPRINT_BANDS; chain++)
		out->print.bands[chain] = r->links[chain].mark;
	memcpy(out->print.samples, r->samples, sizeof(r->samples));
	sets = take_set(sets, r->title, &out->print.title);
	sets = take_set(sets, r->numbers, &out->print.numbers);
	take_set(sets, r->names, &out->print.names);
}

static char *put_set(char *to, const struct fingerprint_set *s)
{
	memcpy(to, s->at, s->count * sizeof(s->at[0]));
	return to + s->count * sizeof(s->at[0]);
}

static struct remembered_case *pack(const struct case_item *x)
{
	const struct fingerprint *f = &x->print;
	size_t sets = (size_t)f->title.count + f->numbers.count + f->names.count;
	struct remembered_case *r = malloc(sizeof(*r) + sets * sizeof(uint16_t) + x->feed.n + x->url.n);
	char *to;

	if (!r)
		return NULL;
	*r = (struct remembered_case){
		.seq = x->seq,
		.exact = f->exact,
		.at = x->at,
		.since = x->since,
		.published = x->published,
		.feed_len = (uint32_t)x->feed.n,
		.url_len = (uint32_t)x->url.n,
		.kind = (uint8_t)f->kind,
		.title = f->title.count,
		.numbers = f->numbers.count,
		.names = f->names.count,
	};
	memcpy(r->key, x->key, sizeof(r->key));
	for (unsigned chain = 0; chain < FINGERPRINT_BANDS; chain++)
		r->links[chain].mark = f->bands[chain];
	memcpy(r->samples, f->samples, sizeof(r->samples));
	to = put_set(put_set(put_set((char *)r->sets, &f->title), &f->numbers), &f->names);
	if (x->feed.n)
		memcpy(to, x->feed.p, x->feed.n);
	if (x->url.n)
		memcpy(to + x->feed.n, x->url.p, x->url.n);
	return r;
}

static uint32_t *head_of(const struct cases *c, const struct case_item *item, unsigned chain)
{
	uint64_t hash;

	if (chain == CHAIN_CASE)
		hash = hash64(str_of(item->key, sizeof(item->key)), CHAIN_CASE);
	else if (chain == CHAIN_EXACT)
		hash = hash64(str_of(&item->print.exact, sizeof(item->print.exact)), CHAIN_EXACT);
	else
		hash = hash64(str_of(&item->print.bands[chain], sizeof(item->print.bands[chain])), chain);
	return &c->heads[(size_t)chain * (c->mask + 1u) + (hash & c->mask)];
}

static struct remembered_case *newest_of(
    const struct cases *c, const struct case_item *item, unsigned chain, uint64_t *serial)
{
	*serial = c->newest + 1;
	return follow(c, serial, *head_of(c, item, chain));
}

static bool has_mark(const struct remembered_case *r, const struct case_item *item, unsigned chain)
{
	return chain == CHAIN_EXACT ? r->exact == item->print.exact
	                            : r->links[chain].mark == item->print.bands[chain];
}

/* A headline is found by its very words alone. */
static bool is_in_chain(const struct case_item *item, unsigned chain)
{
	return chain >= CHAIN_EXACT || item->print.kind != FINGERPRINT_SHORT;
}

/* Others of its case, newest first; at most CASES_SOURCES_MAX. */
static size_t find_sources(
    const struct cases *c, const struct case_item *of, const struct remembered_case *found[CASES_SOURCES_MAX])
{
	uint64_t serial;
	const struct remembered_case *r = newest_of(c, of, CHAIN_CASE, &serial);
	size_t n = 0;

	for (; r && n < CASES_SOURCES_MAX; r = follow(c, &serial, r->links[CHAIN_CASE].before))
		if (memcmp(r->key, of->key, sizeof(r->key)) == 0)
			found[n++] = r;
	return n;
}

static bool has_feed(const struct cases *c, const struct case_item *of, struct str feed)
{
	const struct remembered_case *found[CASES_SOURCES_MAX];
	size_t n = find_sources(c, of, found);

	for (size_t i = 0; i < n; i++)
		if (str_eq(feed_of(found[i]), feed))
			return true;
	return n == CASES_SOURCES_MAX; /* who knows */
}

static int64_t distance(uint32_t a, uint32_t b)
{
	return a > b ? (int64_t)a - b : (int64_t)b - a;
}

static bool is_same_case(
    const struct cases *c, const struct case_item *old, const struct case_item *item, int64_t window_ms)
{
	int64_t most = window_ms / 1000;

	if (item->print.kind == FINGERPRINT_SHORT && most > SHORT_S)
		most = SHORT_S;
	if (old->published && item->published && distance(old->published, item->published) > most)
		return false;
	return distance(old->since, item->at) <= most && fingerprint_same(&old->print, &item->print) &&
	       !has_feed(c, old, item->feed);
}

static bool find_in_chain(const struct cases *c, const struct case_item *item, unsigned chain,
    int64_t window_ms, struct case_item *old)
{
	uint64_t serial;
	const struct remembered_case *r = newest_of(c, item, chain, &serial);

	for (unsigned n = 0; r && n < LOOK_MAX; n++, r = follow(c, &serial, r->links[chain].before)) {
		if (!has_mark(r, item, chain))
			continue;
		unpack(r, old);
		if (is_same_case(c, old, item, window_ms))
			return true;
	}
	return false;
}

static void write_sources(const struct cases *c, const struct case_item *of, struct buf *out)
{
	const struct remembered_case *found[CASES_SOURCES_MAX];
	size_t n = find_sources(c, of, found);
	struct json w;

	json_init(&w, out);
	json_open_array(&w);
	while (n--) {
		json_open_object(&w);
		json_key_string(&w, "feed", feed_of(found[n]));
		json_key(&w, "seq");
		json_u64(&w, found[n]->seq);
		json_key_string_opt(&w, "url", url_of(found[n]));
		json_close_object(&w);
	}
	json_close_array(&w);
}

bool cases_find(const struct cases *c, struct case_item *item, int64_t window_ms, struct buf *sources)
{
	struct case_item old;
	bool found;

	if (c->most == 0 || item->print.kind == FINGERPRINT_NONE)
		return false;
	found = find_in_chain(c, item, CHAIN_EXACT, window_ms, &old);
	for (unsigned chain = 0; !found && chain < FINGERPRINT_BANDS && is_in_chain(item, chain); chain++)
		found = find_in_chain(c, item, chain, window_ms, &old);
	if (!found)
		return false;
	memcpy(item->key, old.key, sizeof(item->key));
	item->since = old.since;
	write_sources(c, &old, sources);
	return true;
}

bool cases_add(struct cases *c, const struct case_item *item)
{
	uint64_t serial = c->newest + 1;
	uint32_t place;
	struct remembered_case *r;

	if (c->most == 0 || item->print.kind == FINGERPRINT_NONE)
		return true;
	place = place_behind(c, c->newest_at);
	free(c->ring[place]);
	c->ring[place] = r = pack(item);
	if (!r)
		return false;
	c->newest = serial;
	c->newest_at = place;
	for (unsigned chain = 0; chain < CHAINS; chain++) {
		uint32_t *head = head_of(c, item, chain);

		if (!is_in_chain(item, chain))
			continue;
		r->links[chain].before = *head;
		*head = (uint32_t)serial;
	}
	return true;
}

static void take_out_newest(struct cases *c, struct remembered_case *r)
{
	struct case_item item;

	unpack(r, &item);
	for (unsigned chain = 0; chain < CHAINS; chain++)
		if (is_in_chain(&item, chain))
			*head_of(c, &item, chain) = r->links[chain].before;
	c->ring[c->newest_at] = NULL;
	free(r);
	c->newest--;
	c->newest_at = place_before(c, c->newest_at);
}

void cases_rollback(struct cases *c, uint64_t seq)
{
	struct remembered_case *r;

	while (c->most && (r = at_serial(c, c->newest)) && r->seq > seq)
		take_out_newest(c, r);
}

uint64_t cases_oldest(const struct cases *c)
{
	uint64_t serial = c->newest >= c->most ? c->newest - c->most + 1 : 1;
	const struct remembered_case *r = c->most ? at_serial(c, serial) : NULL;

	return r ? r->seq : 0;
}

size_t cases_count(const struct cases *c)
{
	return c->newest < c->most ? (size_t)c->newest : c->most;
}

void case_item_encode(const struct case_item *x, struct buf *out)
{
	buf_byte(out, FORM);
	buf_le64(out, x->seq);
	buf_le32(out, x->at);
	buf_le32(out, x->since);
	buf_le32(out, x->published);
	buf_add(out, x->key, sizeof(x->key));
	buf_str32(out, x->feed);
	buf_str32(out, x->url);
	fingerprint_encode(&x->print, out);
}

bool case_item_decode(struct str blob, struct case_item *out)
{
	struct rd r = { blob.p, blob.n, false };
	uint8_t form = rd_u8(&r);
	struct str key;

	*out = (struct case_item){ .seq = rd_le64(&r) };
	out->at = rd_le32(&r);
	out->since = rd_le32(&r);
	out->published = rd_le32(&r);
	key = rd_bytes(&r, sizeof(out->key));
	out->feed = rd_str32(&r);
	out->url = rd_str32(&r);
	if (r.failed || form != FORM)
		return false;
	memcpy(out->key, key.p, sizeof(out->key));
	return fingerprint_decode(rd_bytes(&r, FINGERPRINT_LEN), &out->print);
}
