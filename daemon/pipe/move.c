/* move: one candidate at a time, counted as long as nothing speaks against it. */
#include "daemon/pipe/move.h"

#include <stdlib.h>
#include <string.h>

#define ADDRESS_MAX 4096 /* bytes; nobody moves to a longer one for good */

void move_free(struct move **m)
{
	if (!*m)
		return;
	free((*m)->address);
	free((*m)->candidate);
	free(*m);
	*m = NULL;
}

static bool set(char **field, struct str value, struct err *e)
{
	char *copy = value.n ? strndup(value.p, value.n) : NULL;

	if (value.n && !copy)
		return err_nomem(e);
	free(*field);
	*field = copy;
	return true;
}

static bool make(struct move **m, struct err *e)
{
	if (!*m)
		*m = calloc(1, sizeof(**m));
	if (*m)
		return true;
	err_nomem(e);
	return false;
}

bool move_copy(const struct move *m, struct move **out, struct err *e)
{
	struct move *to = NULL;

	*out = NULL;
	if (!m)
		return true;
	if (!make(&to, e))
		return false;
	*to = *m;
	to->address = to->candidate = NULL;
	if (!set(&to->address, str_from(m->address), e) || !set(&to->candidate, str_from(m->candidate), e)) {
		move_free(&to);
		return false;
	}
	*out = to;
	return true;
}

struct str move_target(const struct fetch_result *r)
{
	struct str target = { NULL, 0 };

	for (size_t i = 0; i < r->redirect_count; i++) {
		if (r->redirects[i].status != 301 && r->redirects[i].status != 308)
			break;
		target = r->redirects[i].url;
	}
	return target.n <= ADDRESS_MAX ? target : (struct str){ NULL, 0 };
}

/* Nothing is kept of a feed that is where it should be. */
static void forget_candidate(struct move **m)
{
	if (!*m)
		return;
	free((*m)->candidate);
	(*m)->candidate = NULL;
	if (!(*m)->address)
		move_free(m);
}

static bool is_foreign(enum tie tie)
{
	return !tie_holds(tie) && tie != TIE_FIRST && tie != TIE_MOVED;
}

static bool begin(struct move *m, struct str target, enum tie tie, int64_t now, struct err *e)
{
	if (!set(&m->candidate, target, e))
		return false;
	m->since = now;
	m->count = 1;
	m->foreign = is_foreign(tie);
	return true;
}

static void save(struct move **m, const struct conf_feed *c, int64_t now)
{
	struct move *to = *m;

	free(to->address);
	to->address = to->candidate;
	to->candidate = NULL;
	to->saved_at = now;
	if (strcmp(to->address, c->url) == 0)
		move_free(m);
}

bool move_note(struct move **m, struct str target, enum tie tie, const struct conf_feed *c, int64_t now,
    bool *saved, struct err *e)
{
	*saved = false;
	if (target.n == 0 || c->fetch->move_confirm == 0 || tie == TIE_EMPTY) {
		forget_candidate(m);
		return true;
	}
	if (!make(m, e))
		return false;
	if (!str_eq(str_from((*m)->candidate), target))
		return begin(*m, target, tie, now, e);
	if ((*m)->since > now) /* the clock was set back */
		(*m)->since = now;
	if (is_foreign(tie))
		return true;
	(*m)->count++;
	if ((*m)->foreign || (*m)->count < (uint64_t)c->fetch->move_confirm ||
	    now - (*m)->since < c->fetch->move_span)
		return true;
	save(m, c, now);
	*saved = true;
	return true;
}

void move_refuted(struct move **m)
{
	forget_candidate(m);
}

void move_return(struct move **m)
{
	move_free(m);
}

void move_encode(const struct move *m, struct buf *out)
{
	buf_byte(out, m != NULL);
	if (!m)
		return;
	buf_str32(out, str_from(m->address));
	buf_str32(out, str_from(m->candidate));
	buf_le64(out, (uint64_t)m->saved_at);
	buf_le64(out, (uint64_t)m->since);
	buf_le32(out, m->count);
	buf_byte(out, (char)m->foreign);
}

bool move_decode(struct rd *r, struct move **out, struct err *e)
{
	struct str address, candidate;

	*out = NULL;
	if (!rd_u8(r) || r->failed)
		return true;
	if (!make(out, e))
		return false;
	address = rd_str32(r);
	candidate = rd_str32(r);
	(*out)->saved_at = (int64_t)rd_le64(r);
	(*out)->since = (int64_t)rd_le64(r);
	(*out)->count = rd_le32(r);
	(*out)->foreign = rd_u8(r) != 0;
	if (!r->failed && set(&(*out)->address, address, e) && set(&(*out)->candidate, candidate, e))
		return true;
	move_free(out);
	return r->failed;
}
