/* reaction: the tables. */
#include "daemon/pipe/reaction.h"

#include "daemon/base/date.h"
#include "daemon/base/retry_after.h"

static const struct {
	int from, to;
	enum reaction reaction;
	const char *why; /* NULL: no error */
} statuses[] = {
	{ 200, 200, REACT_READ, NULL },
	{ 203, 203, REACT_READ, NULL }, /* a proxy's copy of a 200 */
	{ 201, 299, REACT_BACK_OFF, "an answer without the document" }, /* 206: a part is not the whole */
	{ 304, 304, REACT_KEEP, NULL },
	{ 300, 399, REACT_BACK_OFF, "redirected and not followed" },
	{ 404, 404, REACT_GONE, "not found" },
	{ 410, 410, REACT_GONE, "gone" },
	{ 429, 429, REACT_HOLD_HOST, "too many requests" },
	{ 401, 403, REACT_BACK_OFF, "refused" },
	{ 400, 499, REACT_BACK_OFF, "the server refuses the request" },
	{ 503, 503, REACT_HOLD_FEED, "the server is not available" },
	{ 500, 599, REACT_BACK_OFF, "the server fails" },
};

static const enum reaction kinds[] = {
	[ERR_NONE] = REACT_READ,
	[ERR_NOMEM] = REACT_AGAIN,
	[ERR_IO] = REACT_AGAIN,
	[ERR_NET] = REACT_BACK_OFF,
	[ERR_HTTP] = REACT_BACK_OFF,
	[ERR_PARSE] = REACT_BLOCKED,
	[ERR_LIMIT] = REACT_BACK_OFF,
	[ERR_CONFIG] = REACT_STOP,
	[ERR_BUSY] = REACT_AGAIN,
};
_Static_assert(ARRAY_LEN(kinds) == ERR_KINDS, "a reaction to every kind");

static const enum poll_result results[] = {
	[REACT_READ] = POLL_OK,
	[REACT_KEEP] = POLL_UNCHANGED,
	[REACT_LATER] = POLL_WAITING,
	[REACT_AGAIN] = POLL_FAILED,
	[REACT_BACK_OFF] = POLL_FAILED,
	[REACT_HOLD_FEED] = POLL_FAILED,
	[REACT_HOLD_HOST] = POLL_FAILED,
	[REACT_GONE] = POLL_FAILED,
	[REACT_BLOCKED] = POLL_BLOCKED,
	[REACT_STOP] = POLL_FAILED,
};
_Static_assert(ARRAY_LEN(results) == REACTIONS, "a result of every reaction");

enum reaction reaction_to_error(enum err_kind kind)
{
	return kinds[kind];
}

enum poll_result reaction_result(enum reaction r)
{
	return results[r];
}

static enum reaction react_to_status(int status, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		if (status < statuses[i].from || status > statuses[i].to)
			continue;
		if (statuses[i].why)
			err_set(e, ERR_HTTP, 0, "HTTP %d: %s", status, statuses[i].why);
		return statuses[i].reaction;
	}
	err_set(e, ERR_HTTP, 0, "HTTP %d: no status that a poller knows", status);
	return REACT_BACK_OFF;
}

enum reaction reaction_to_answer(const struct fetch_result *r, bool sent_validators, struct err *e)
{
	if (r->error.kind != ERR_NONE) {
		*e = r->error;
		return reaction_to_error(r->error.kind);
	}
	if (r->waits) {
		err_set(e, ERR_HTTP, 0,
		    "HTTP %d: a redirect that is not to be followed before its Retry-After", r->status);
		return REACT_LATER;
	}
	if (r->status == 304 && !sent_validators) {
		err_set(e, ERR_HTTP, 0, "HTTP 304: not modified, but nothing was asked for");
		return REACT_BACK_OFF;
	}
	if (r->challenge.n && r->status != 429) {
		err_set(e, ERR_HTTP, 0, "HTTP %d: a challenge for browsers", r->status);
		return REACT_BLOCKED;
	}
	return react_to_status(r->status, e);
}

/* Up to the next comma that stands in no quotes; of those that never end none is one. */
static struct str cut_directive(struct str *header)
{
	bool quoted = false;
	size_t n = 0;

	for (; n < header->n && (quoted || header->p[n] != ','); n++)
		quoted = quoted != (header->p[n] == '"');
	if (quoted)
		n = str_find_byte(*header, ',', 0);
	n = n < header->n ? n : header->n;
	struct str all = str_of(header->p, n);
	*header = n < header->n ? str_skip(*header, n + 1) : (struct str){ NULL, 0 };
	return all;
}

/* The value of the next directive of this name in a Cache-Control, of which *header is the rest then; absent: {NULL, 0}. One without a value is {"", 0}. */
static struct str next_directive(struct str *header, struct str name)
{
	while (header->p) {
		struct str rest = str_trim(cut_directive(header));
		struct str key = str_trim(str_cut(&rest, '='));

		if (!str_eq_nocase(key, name))
			continue;
		rest = str_trim(rest);
		if (rest.n >= 2 && rest.p[0] == '"' && rest.p[rest.n - 1] == '"')
			rest = str_of(rest.p + 1, rest.n - 2);
		return rest.p ? rest : STR("");
	}
	return (struct str){ NULL, 0 };
}

static struct str directive(struct str header, struct str name)
{
	return next_directive(&header, name);
}

/* With names of fields it is only about these (RFC 9111 section 5.2.2.4). */
static bool has_bare(struct str header, struct str name)
{
	struct str value;

	do
		value = next_directive(&header, name);
	while (value.n > 0);
	return value.p != NULL;
}

int64_t fresh_for_ms(const struct fetch_result *r, int64_t now_ms)
{
	struct str age = directive(r->cache_control, STR("max-age"));
	int64_t ms = 0, spent = 0, expires, date;

	if (has_bare(r->cache_control, STR("no-cache")) || directive(r->cache_control, STR("no-store")).p)
		return 0;
	if (age.p) {
		if (!delay_seconds_ms(age, &ms))
			return 0;
	} else if (date_parse_http(r->expires, now_ms, &expires)) {
		if (!date_parse_http(r->date, now_ms, &date))
			date = now_ms;
		ms = expires > date ? expires - date : 0;
	}
	if (!delay_seconds_ms(str_trim(r->age), &spent))
		spent = 0;
	return ms > spent ? ms - spent : 0;
}
