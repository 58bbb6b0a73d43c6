/* feedstate: copying, writing and reading it. */
#include "daemon/pipe/feedstate.h"

#include "daemon/pipe/rhythm.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FORM 1 /* raised only when a field changes its meaning */
#define FLAG_KNOWN 1
#define FLAG_HOLDS_HOST 2
#define FLAG_DOWN 4
#define FLAG_SILENT 8
#define FLAG_EMPTY 16
#define FLAG_MOVED 32
#define FLAG_HUB_SOUGHT 64

static const char *const result_names[] = {
	[POLL_OK] = "ok",
	[POLL_UNCHANGED] = "unchanged",
	[POLL_FAILED] = "failed",
	[POLL_BLOCKED] = "blocked",
	[POLL_WAITING] = "waiting",
};
_Static_assert(ARRAY_LEN(result_names) == POLL_RESULTS, "a name for every result");

const char *poll_result_name(enum poll_result r)
{
	return result_names[r];
}

void feedstate_fini(struct feedstate *f)
{
	feedtexts_free(&f->texts);
	walk_free(&f->walk);
	move_free(&f->move);
	*f = (struct feedstate){ .texts = NULL };
}

bool feedstate_set(char **field, struct str value, struct err *e)
{
	char *copy = NULL;

	if (value.n) {
		copy = strndup(value.p, value.n);
		if (!copy)
			return err_nomem(e);
	}
	free(*field);
	*field = copy;
	return true;
}

bool feedstate_copy(const struct feedstate *from, struct feedstate *to, struct err *e)
{
	*to = *from;
	to->texts = NULL;
	to->move = NULL;
	to->walk = from->walk ? walk_copy(from->walk) : NULL;
	if (move_copy(from->move, &to->move, e) && (!from->walk || to->walk || err_nomem(e)) &&
	    feedtexts_copy(from->texts, &to->texts, e))
		return true;
	feedstate_fini(to);
	return false;
}

unsigned feedstate_newest(const struct feedstate *f, uint64_t names[NEWEST_MAX])
{
	struct str s = feedtext_str(f->texts, FEEDTEXT_NEWEST);

	if (s.n)
		memcpy(names, s.p, s.n);
	return (unsigned)(s.n / sizeof(*names));
}

bool feedstate_set_newest(struct feedstate *f, const uint64_t *names, unsigned count, struct err *e)
{
	struct str s = { (const char *)names, count * sizeof(*names) };

	return feedtext_set(&f->texts, FEEDTEXT_NEWEST, s, e);
}

void feedstate_learned(const struct feedstate *f, struct learned *out)
{
	learned_unpack(feedtext_str(f->texts, FEEDTEXT_LEARNED), out);
}

bool feedstate_learn(struct feedstate *f, const struct learned *l, struct err *e)
{
	char packed[LEARNED_PACKED_MAX];
	struct str s = { packed, learned_pack(l, packed) };

	if (!feedtext_set(&f->texts, FEEDTEXT_LEARNED, s, e))
		return false;
	f->mistrusted = l->trust.mistrusted_until != 0;
	return true;
}

void feedstate_forget_validators(struct feedstate *f)
{
	feedtext_drop(&f->texts, FEEDTEXT_ETAG);
	feedtext_drop(&f->texts, FEEDTEXT_LAST_MODIFIED);
	feedtext_drop(&f->texts, FEEDTEXT_VALIDATOR_URL);
	f->body = 0;
}

void feedstate_forget_resume(struct feedstate *f)
{
	feedtext_drop(&f->texts, FEEDTEXT_RESUME);
}

static void put_text(const struct feedstate *f, enum feedtext which, struct buf *out)
{
	struct str s = feedtext_str(f->texts, which);

	if (s.n > FEEDSTATE_TEXT_MAX)
		s.n = FEEDSTATE_TEXT_MAX;
	buf_str32(out, s);
}

static const struct {
	uint8_t bit;
	size_t member; /* offset of a bool */
} flags[] = {
	{ FLAG_KNOWN, offsetof(struct feedstate, known) },
	{ FLAG_HOLDS_HOST, offsetof(struct feedstate, holds_host) },
	{ FLAG_DOWN, offsetof(struct feedstate, down) },
	{ FLAG_SILENT, offsetof(struct feedstate, silent) },
	{ FLAG_EMPTY, offsetof(struct feedstate, empty) },
	{ FLAG_MOVED, offsetof(struct feedstate, moved) },
	{ FLAG_HUB_SOUGHT, offsetof(struct feedstate, hub_sought) },
};

static uint8_t flags_of(const struct feedstate *f)
{
	uint8_t bits = 0;

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (*(const bool *)((const char *)f + flags[i].member))
			bits |= flags[i].bit;
	return bits;
}

static void set_flags(struct feedstate *f, uint8_t bits)
{
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		*(bool *)((char *)f + flags[i].member) = (bits & flags[i].bit) != 0;
}

static void encode_newest(const struct feedstate *f, struct buf *out)
{
	uint64_t names[NEWEST_MAX];
	unsigned count = feedstate_newest(f, names);

	buf_byte(out, (char)count);
	for (unsigned i = 0; i < count; i++)
		buf_le64(out, names[i]);
}

static bool decode_newest(struct rd *r, struct feedstate *out, struct err *e)
{
	uint64_t names[NEWEST_MAX];
	unsigned count = rd_u8(r);

	if (count > NEWEST_MAX)
		r->failed = true;
	for (unsigned i = 0; !r->failed && i < count; i++)
		names[i] = rd_le64(r);
	return r->failed || feedstate_set_newest(out, names, count, e);
}

/* What the first versions did not have. */
static void encode_rest(const struct feedstate *f, const struct learned *l, struct buf *out)
{
	buf_le32(out, f->pages);
	buf_byte(out, (char)f->hurry);
	quiet_encode(&l->quiet, out);
	encode_newest(f, out);
	buf_byte(out, f->walk != NULL);
	if (f->walk)
		walk_encode(f->walk, out);
	hints_encode(&l->hints, out);
	put_text(f, FEEDTEXT_HELD_HOST, out);
	pace_encode(&l->pace, out);
	tally_encode(&l->tally, out);
	buf_byte(out, (char)f->why);
	trust_encode(&l->trust, out);
	move_encode(f->move, out);
	put_text(f, FEEDTEXT_RESUME, out);
	buf_le32(out, l->repairs);
	buf_le64(out, (uint64_t)l->repaired_at);
	put_text(f, FEEDTEXT_REPAIR, out);
	buf_le32(out, f->fresh);
}

static bool decode_rest(struct rd *r, struct feedstate *out, struct learned *l, struct err *e)
{
	uint32_t pages = r->n ? rd_le32(r) : 0;

	out->pages = (uint16_t)(pages < UINT16_MAX ? pages : UINT16_MAX);
	if (r->n == 0)
		return true;
	out->hurry = rd_u8(r);
	quiet_decode(r, &l->quiet);
	if (!decode_newest(r, out, e))
		return false;
	if (rd_u8(r) && !r->failed && !walk_decode(r, &out->walk, e))
		return false;
	if (r->n)
		hints_decode(r, &l->hints);
	if (r->n && !feedtext_set(&out->texts, FEEDTEXT_HELD_HOST, rd_str32(r), e))
		return false;
	if (r->n) {
		pace_decode(r, &l->pace);
		tally_decode(r, &l->tally);
		out->why = rd_u8(r);
		r->failed = r->failed || out->why >= RHYTHM_WHYS;
	}
	if (r->n == 0)
		return true;
	trust_decode(r, &l->trust);
	if (!move_decode(r, &out->move, e) ||
	    (r->n > 0 && !feedtext_set(&out->texts, FEEDTEXT_RESUME, rd_str32(r), e)))
		return false;
	if (r->n == 0)
		return true;
	l->repairs = rd_le32(r);
	l->repaired_at = (int64_t)rd_le64(r);
	if (!feedtext_set(&out->texts, FEEDTEXT_REPAIR, rd_str32(r), e))
		return false;
	out->fresh = r->n ? rd_le32(r) : 0;
	return true;
}

void feedstate_encode(const struct feedstate *f, struct buf *out)
{
	struct learned l;

	feedstate_learned(f, &l);
	buf_byte(out, FORM);
	buf_byte(out, (char)flags_of(f));
	buf_byte(out, (char)f->result);
	buf_le32(out, f->status);
	buf_le32(out, f->failures);
	buf_le32(out, f->items);
	buf_le64(out, f->url);
	buf_le64(out, f->body);
	buf_le64(out, f->window);
	buf_le64(out, l.newest);
	buf_le64(out, (uint64_t)f->polled_at);
	buf_le64(out, (uint64_t)f->success_at);
	buf_le64(out, (uint64_t)f->failing_since);
	buf_le64(out, (uint64_t)f->due_at);
	buf_le64(out, (uint64_t)f->hold_until);
	put_text(f, FEEDTEXT_ETAG, out);
	put_text(f, FEEDTEXT_LAST_MODIFIED, out);
	put_text(f, FEEDTEXT_ERROR, out);
	put_text(f, FEEDTEXT_VALIDATOR_URL, out);
	encode_rest(f, &l, out);
}

bool feedstate_decode(struct str blob, struct feedstate *out, struct err *e)
{
	struct rd r = { blob.p, blob.n, false };
	uint8_t form = rd_u8(&r), bits = rd_u8(&r);
	struct str etag, last_modified, error, validator_url;
	struct learned l;

	learned_unpack((struct str){ NULL, 0 }, &l);
	*out = (struct feedstate){ .result = rd_u8(&r) };
	set_flags(out, bits);
	out->status = (uint16_t)rd_le32(&r);
	out->failures = rd_le32(&r);
	out->items = rd_le32(&r);
	out->url = rd_le64(&r);
	out->body = rd_le64(&r);
	out->window = rd_le64(&r);
	l.newest = rd_le64(&r);
	out->polled_at = (int64_t)rd_le64(&r);
	out->success_at = (int64_t)rd_le64(&r);
	out->failing_since = (int64_t)rd_le64(&r);
	out->due_at = (int64_t)rd_le64(&r);
	out->hold_until = (int64_t)rd_le64(&r);
	etag = rd_str32(&r);
	last_modified = rd_str32(&r);
	error = rd_str32(&r);
	validator_url = rd_str32(&r);
	if (!decode_rest(&r, out, &l, e)) {
		feedstate_fini(out);
		return false;
	}
	if (r.failed || form != FORM || out->result >= POLL_RESULTS) {
		feedstate_fini(out);
		return err_set(
		    e, ERR_PARSE, 0, "what was remembered of a feed is of form %u or damaged", form);
	}
	if (feedstate_learn(out, &l, e) && feedtext_set(&out->texts, FEEDTEXT_ETAG, etag, e) &&
	    feedtext_set(&out->texts, FEEDTEXT_LAST_MODIFIED, last_modified, e) &&
	    feedtext_set(&out->texts, FEEDTEXT_ERROR, error, e) &&
	    feedtext_set(&out->texts, FEEDTEXT_VALIDATOR_URL, validator_url, e))
		return true;
	feedstate_fini(out);
	return false;
}
