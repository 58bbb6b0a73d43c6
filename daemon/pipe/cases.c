/*
 * cases: a ring of items, and chains through it by band. A link is the serial number of an item: those that the ring has left behind end a chain by
 * themselves, because all behind them are older.
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

struct remembered_case {
	uint64_t serial; /* 0: free */
	struct case_item item; /* its strings stand in `text` */
	uint64_t next[CHAINS]; /* serial of the one before in the same chain */
	char *text;
};

struct cases {
	struct remembered_case *ring;
	uint32_t most, mask;
	uint64_t newest; /* serial */
	uint32_t newest_at; /* its place in the ring */
	uint64_t *heads; /* serial of a chain's newest, by hash; each kind of chain has a table of its own */
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
		c->ring = calloc(most + 1u, sizeof(*c->ring));
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
		free(c->ring[i].text);
	free(c->ring);
	free(c->heads);
	free(c);
}

/* By the way back from the newest: chains are walked for each item, and a division for each step cost more than all else on it. */
static struct remembered_case *at_serial(const struct cases *c, uint64_t serial)
{
	uint64_t back = c->newest - serial;
	struct remembered_case *r;

	if (serial == 0 || serial > c->newest || back >= c->most)
		return NULL;
	r = &c->ring[back <= c->newest_at ? c->newest_at - back : c->newest_at + c->most - back];
	return r->serial == serial ? r : NULL;
}

static uint32_t place_behind(const struct cases *c, uint32_t place)
{
	return place + 1 < c->most ? place + 1 : 0;
}

static uint32_t place_before(const struct cases *c, uint32_t place)
{
	return (place > 0 ? place : c->most) - 1;
}

static uint64_t *head_of(const struct cases *c, const struct case_item *item, unsigned chain)
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

/* A headline is found by its very words alone. */
static bool is_in_chain(const struct case_item *item, unsigned chain)
{
	return chain >= CHAIN_EXACT || item->print.kind != FINGERPRINT_SHORT;
}

static bool same_key(const struct case_item *a, const struct case_item *b)
{
	return memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

/* Others of its case, newest first; at most CASES_SOURCES_MAX. */
static size_t find_sources(
    const struct cases *c, const struct case_item *of, const struct case_item *found[CASES_SOURCES_MAX])
{
	const struct remembered_case *r = at_serial(c, *head_of(c, of, CHAIN_CASE));
	size_t n = 0;

	for (; r && n < CASES_SOURCES_MAX; r = at_serial(c, r->next[CHAIN_CASE]))
		if (same_key(&r->item, of))
			found[n++] = &r->item;
	return n;
}

static bool has_feed(const struct cases *c, const struct case_item *of, struct str feed)
{
	const struct case_item *found[CASES_SOURCES_MAX];
	size_t n = find_sources(c, of, found);

	for (size_t i = 0; i < n; i++)
		if (str_eq(found[i]->feed, feed))
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

static const struct case_item *find_in_chain(
    const struct cases *c, const struct case_item *item, unsigned chain, int64_t window_ms)
{
	const struct remembered_case *r = at_serial(c, *head_of(c, item, chain));

	for (unsigned n = 0; r && n < LOOK_MAX; n++, r = at_serial(c, r->next[chain]))
		if (is_same_case(c, &r->item, item, window_ms))
			return &r->item;
	return NULL;
}

static void write_sources(const struct cases *c, const struct case_item *of, struct buf *out)
{
	const struct case_item *found[CASES_SOURCES_MAX];
	size_t n = find_sources(c, of, found);
	struct json w;

	json_init(&w, out);
	json_open_array(&w);
	while (n--) {
		json_open_object(&w);
		json_key_string(&w, "feed", found[n]->feed);
		json_key(&w, "seq");
		json_u64(&w, found[n]->seq);
		json_key_string_opt(&w, "url", found[n]->url);
		json_close_object(&w);
	}
	json_close_array(&w);
}

bool cases_find(const struct cases *c, struct case_item *item, int64_t window_ms, struct buf *sources)
{
	const struct case_item *old = NULL;

	if (c->most == 0 || item->print.kind == FINGERPRINT_NONE)
		return false;
	old = find_in_chain(c, item, CHAIN_EXACT, window_ms);
	for (unsigned chain = 0; !old && chain < FINGERPRINT_BANDS && is_in_chain(item, chain); chain++)
		old = find_in_chain(c, item, chain, window_ms);
	if (!old)
		return false;
	memcpy(item->key, old->key, sizeof(item->key));
	item->since = old->since;
	write_sources(c, old, sources);
	return true;
}

static bool copy_strings(struct remembered_case *r)
{
	struct case_item *x = &r->item;
	char *text = malloc(x->feed.n + x->url.n + 1);

	if (!text)
		return false;
	if (x->feed.n)
		memcpy(text, x->feed.p, x->feed.n);
	if (x->url.n)
		memcpy(text + x->feed.n, x->url.p, x->url.n);
	x->feed.p = text;
	x->url.p = text + x->feed.n;
	r->text = text;
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
	r = &c->ring[place];
	free(r->text);
	*r = (struct remembered_case){ .item = *item };
	if (!copy_strings(r))
		return false;
	r->serial = c->newest = serial;
	c->newest_at = place;
	for (unsigned chain = 0; chain < CHAINS; chain++) {
		uint64_t *head = head_of(c, item, chain);

		if (!is_in_chain(item, chain))
			continue;
		r->next[chain] = *head;
		*head = serial;
	}
	return true;
}

static void take_out(struct cases *c, struct remembered_case *r)
{
	for (unsigned chain = 0; chain < CHAINS; chain++)
		if (is_in_chain(&r->item, chain))
			*head_of(c, &r->item, chain) = r->next[chain];
	free(r->text);
	*r = (struct remembered_case){ .serial = 0 };
}

void cases_rollback(struct cases *c, uint64_t seq)
{
	struct remembered_case *r;

	while (c->most && (r = at_serial(c, c->newest)) && r->item.seq > seq) {
		take_out(c, r);
		c->newest--;
		c->newest_at = place_before(c, c->newest_at);
	}
}

uint64_t cases_oldest(const struct cases *c)
{
	uint64_t serial = c->newest >= c->most ? c->newest - c->most + 1 : 1;
	const struct remembered_case *r = c->most ? at_serial(c, serial) : NULL;

	return r ? r->item.seq : 0;
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
