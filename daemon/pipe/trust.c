/* trust: a count of 304s, and what a document between them proves. */
#include "daemon/pipe/trust.h"

bool trust_is_lost(const struct trust *t, const struct conf_fetch *c, int64_t now)
{
	/* A clock that was set back must not make it last for ever. */
	return now < t->mistrusted_until && t->mistrusted_until - now <= c->mistrust_for;
}

bool trust_asks_whole(const struct trust *t, const struct conf_fetch *c, int64_t now)
{
	if (trust_is_lost(t, c, now))
		return true;
	if (t->suspect || c->probe_after == 0 || t->unmodified < (uint64_t)c->probe_after)
		return false;
	return now < t->whole_at || now - t->whole_at >= c->probe_gap;
}

static void lose(struct trust *t, const struct conf_fetch *c, int64_t now)
{
	t->suspect = false;
	t->mistrusted_until = now + c->mistrust_for;
}

bool trust_not_modified(struct trust *t, const struct conf_fetch *c, int64_t now)
{
	if (t->unmodified < UINT32_MAX)
		t->unmodified++;
	if (!t->suspect)
		return false;
	lose(t, c, now);
	return true;
}

enum trust_verdict trust_document(
    struct trust *t, const struct trust_document *d, const struct conf_fetch *c, int64_t now)
{
	bool doubtful = d->probe && d->changed && t->unmodified > 0 && !trust_is_lost(t, c, now);

	t->whole_at = now;
	t->unmodified = 0;
	t->suspect = doubtful && !d->same_validators;
	if (!doubtful)
		return TRUST_KEPT;
	if (t->suspect)
		return TRUST_OPEN;
	lose(t, c, now);
	return TRUST_LOST;
}

void trust_encode(const struct trust *t, struct buf *out)
{
	buf_le64(out, (uint64_t)t->whole_at);
	buf_le64(out, (uint64_t)t->mistrusted_until);
	buf_le32(out, t->unmodified);
	buf_byte(out, (char)t->suspect);
}

void trust_decode(struct rd *r, struct trust *t)
{
	t->whole_at = (int64_t)rd_le64(r);
	t->mistrusted_until = (int64_t)rd_le64(r);
	t->unmodified = rd_le32(r);
	t->suspect = rd_u8(r) != 0;
}
