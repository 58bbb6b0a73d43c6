/* entry: the metas' form. */
#include "daemon/pipe/entry.h"

#define FORM 1 /* raised only when a field changes its meaning */

static const char *const kind_names[] = {
	[RECORD_NEW] = "new",
	[RECORD_REVISION] = "revision",
	[RECORD_WITHDRAWN] = "withdrawn",
	[RECORD_REPLAY] = "replay",
};
_Static_assert(ARRAY_LEN(kind_names) == RECORD_KINDS, "a name for every kind");

const char *record_kind_name(enum record_kind k)
{
	return kind_names[k];
}

void item_entry_encode(const struct item_entry *x, struct buf *out)
{
	buf_byte(out, FORM);
	buf_le64(out, x->seq);
	buf_le64(out, (uint64_t)x->at);
	buf_str32(out, x->feed);
	buf_str32(out, x->key);
	buf_le32(out, x->content);
	buf_le32(out, x->last);
	buf_byte(out, (char)x->alias_count);
	for (unsigned i = 0; i < x->alias_count; i++)
		buf_le64(out, x->aliases[i]);
	buf_str32(out, x->alerts);
	buf_byte(out, (char)x->kind);
	buf_le64(out, x->number);
	buf_str32(out, x->delivery);
	buf_str32(out, x->remembered);
	buf_str32(out, x->case_item);
	if (x->kind == RECORD_REPLAY) {
		buf_le64(out, x->replays);
		buf_str32(out, x->topic);
	}
}

bool item_entry_decode(struct str meta, struct item_entry *x)
{
	struct rd r = { meta.p, meta.n, false };
	uint8_t form = rd_u8(&r);

	*x = (struct item_entry){ .seq = rd_le64(&r) };
	x->at = (int64_t)rd_le64(&r);
	x->feed = rd_str32(&r);
	x->key = rd_str32(&r);
	x->content = rd_le32(&r);
	x->last = rd_le32(&r);
	x->alias_count = rd_u8(&r);
	if (x->alias_count > JOB_ALIASES_MAX)
		return false;
	for (unsigned i = 0; i < x->alias_count; i++)
		x->aliases[i] = rd_le64(&r);
	x->alerts = rd_str32(&r);
	x->number = x->seq;
	if (r.n) {
		uint8_t kind = rd_u8(&r);

		if (kind >= RECORD_KINDS)
			return false;
		x->kind = (enum record_kind)kind;
		x->number = rd_le64(&r);
		x->delivery = rd_str32(&r);
		x->remembered = rd_str32(&r);
		x->case_item = rd_str32(&r);
	}
	if (x->kind == RECORD_REPLAY) {
		x->replays = rd_le64(&r);
		x->topic = rd_str32(&r);
	}
	if (x->delivery.n == 0)
		x->delivery = x->key;
	return !r.failed && form == FORM;
}

void poll_entry_encode(const struct poll_entry *x, struct buf *out)
{
	buf_byte(out, FORM);
	buf_le64(out, x->seq);
	buf_le64(out, (uint64_t)x->at);
	buf_str32(out, x->feed);
	buf_str32(out, x->feedstate);
	buf_byte(out, x->has_window);
	buf_str32(out, x->window);
}

bool poll_entry_decode(struct str meta, struct poll_entry *x)
{
	struct rd r = { meta.p, meta.n, false };
	uint8_t form = rd_u8(&r);

	*x = (struct poll_entry){ .seq = rd_le64(&r) };
	x->at = (int64_t)rd_le64(&r);
	x->feed = rd_str32(&r);
	x->feedstate = rd_str32(&r);
	x->has_window = rd_u8(&r);
	x->window = rd_str32(&r);
	return !r.failed && form == FORM;
}

void letter_entry_encode(const struct letter_entry *x, struct buf *out)
{
	buf_byte(out, FORM);
	buf_le64(out, x->seq);
	buf_str32(out, x->key);
	buf_le32(out, x->attempts);
	buf_str32(out, x->error);
}

bool letter_entry_decode(struct str meta, struct letter_entry *x)
{
	struct rd r = { meta.p, meta.n, false };
	uint8_t form = rd_u8(&r);

	*x = (struct letter_entry){ .seq = rd_le64(&r) };
	x->key = rd_str32(&r);
	x->attempts = rd_le32(&r);
	x->error = rd_str32(&r);
	return !r.failed && form == FORM;
}

void event_entry_encode(const struct event_entry *x, struct buf *out)
{
	buf_byte(out, FORM);
	buf_le64(out, x->seq);
	buf_le64(out, (uint64_t)x->at);
	buf_str32(out, x->feed);
	buf_str32(out, x->key);
	buf_str32(out, x->alerts);
}

bool event_entry_decode(struct str meta, struct event_entry *x)
{
	struct rd r = { meta.p, meta.n, false };
	uint8_t form = rd_u8(&r);

	*x = (struct event_entry){ .seq = rd_le64(&r) };
	x->at = (int64_t)rd_le64(&r);
	x->feed = rd_str32(&r);
	x->key = rd_str32(&r);
	x->alerts = rd_str32(&r);
	return !r.failed && form == FORM;
}
