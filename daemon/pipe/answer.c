/*
 * answer: reads a worker's answer as if an enemy had written it: the worker parsed what came from the network.
 * A body is checked so far that it cannot end its line, its object or its string early; what it says is the publisher's anyway.
 */
#include "daemon/base/json_run.h"
#include "daemon/base/url.h"
#include "daemon/pipe/answer_priv.h"
#include "daemon/pipe/fingerprint.h"
#include "daemon/pipe/job.h"

#include <string.h>

#define DEPTH_MAX 16 /* nested arrays and objects in a record's body; ours has 5 */

static bool bad(struct err *e, const char *what)
{
	return err_set(e, ERR_PARSE, 0, "worker's answer: %s", what);
}

static size_t skip_plain(struct str s, size_t i)
{
	bool high = false;

	return (size_t)(json_run_skip(s.p + i, s.p + s.n, &high) - s.p);
}

/* Where a string ends (index behind its closing quote), or SIZE_MAX. */
static size_t string_end(struct str s, size_t i)
{
	for (i = skip_plain(s, i); i < s.n; i = skip_plain(s, i + 1)) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20)
			return SIZE_MAX;
		if (c == '"')
			return i + 1;
		if (c == '\\' && (++i >= s.n || (unsigned char)s.p[i] < 0x20))
			return SIZE_MAX;
	}
	return SIZE_MAX;
}

/* One object, whole, on one line, in which a member ends at `mark`. The grammar inside is not looked at: only what could reach outside. */
static bool is_contained_object(struct str s, size_t mark)
{
	char open[DEPTH_MAX];
	bool marked = false;
	int depth = 0;

	if (s.n < 2 || s.p[0] != '{')
		return false;
	for (size_t i = 0; i < s.n;) {
		char c = s.p[i];

		marked = marked || (i == mark && depth == 1 && (c == ',' || c == '}'));
		i++;
		if ((unsigned char)c < 0x20)
			return false;
		if (c == '"') {
			i = string_end(s, i);
			if (i == SIZE_MAX)
				return false;
		} else if (c == '{' || c == '[') {
			if (depth == DEPTH_MAX)
				return false;
			open[depth++] = c == '{' ? '}' : ']';
		} else if (c == '}' || c == ']') {
			if (depth == 0 || open[--depth] != c)
				return false;
			if (depth == 0)
				return marked && i == s.n;
		}
	}
	return false;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool read_body(struct str object, size_t head, struct job_item *item, struct err *e)
{
	const size_t behind_key = BODY_KEY_AT + JOB_KEY_LEN + 1;
	struct str key;

	if (head < behind_key || !is_contained_object(object, head) ||
	    object.n < BODY_KEY_AT + JOB_KEY_LEN + 2 || !str_starts(object, STR("{\"key\":\"")))
		return bad(e, "a record is not one whole object");
	key = (struct str){ object.p + BODY_KEY_AT, JOB_KEY_LEN };
	for (size_t i = 0; i < key.n; i++)
		if (!is_hex(key.p[i]))
			return bad(e, "a key is not hex");
	item->key = key;
	item->body = (struct str){ object.p + 1, object.n - 2 };
	item->head = (struct str){ object.p + behind_key, head - behind_key };
	return true;
}

static bool read_topics(
    struct rd *r, size_t topic_count, struct arena *a, struct job_item *item, struct err *e)
{
	uint32_t n = rd_le32(r);
	struct job_topic *t;

	if (r->failed || n > topic_count)
		return bad(e, "more topics than there are");
	t = arena_alloc(a, n * sizeof(*t));
	if (!t)
		return err_nomem(e);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t bits;
		uint8_t decision;

		t[i].topic = rd_le32(r);
		bits = rd_le64(r);
		memcpy(&t[i].score, &bits, sizeof(bits));
		decision = rd_u8(r);
		if (t[i].topic >= topic_count || !(t[i].score >= 0 && t[i].score <= 1) ||
		    (decision != CLS_REVIEW && decision != CLS_MATCH))
			return bad(e, "a topic out of range");
		t[i].decision = (enum cls_decision)decision;
	}
	item->topics = t;
	item->topic_count = n;
	return true;
}

/* *keep: false for an exact repetition. */
static bool read_item(
    struct rd *r, size_t topic_count, struct arena *a, struct job_item *item, bool *keep, struct err *e)
{
	uint8_t flags = rd_u8(r);
	struct fingerprint print;
	struct str body;

	*item = (struct job_item){ .alias_count = rd_u8(r), .stub = flags & BLOCK_STUB };
	for (unsigned i = 0; i < JOB_ALIASES_MAX; i++) {
		uint64_t hash = rd_le64(r);
		uint8_t use = rd_u8(r);

		if (use >= ALIAS_USES)
			return bad(e, "an alias of unknown use");
		item->aliases[i] = (struct job_alias){ hash, (enum job_alias_use)use };
	}
	item->print = rd_le64(r);
	item->content = rd_le32(r);
	for (unsigned m = 0; m < MEMBERS; m++)
		item->members[m] = rd_le32(r);
	item->published = (int64_t)rd_le64(r);
	if (item->alias_count == 0 || item->alias_count > JOB_ALIASES_MAX)
		return bad(e, "an item without aliases");
	*keep = !(flags & BLOCK_REPEATED);
	if (item->stub)
		return !r->failed || bad(e, "cut");
	if (!read_topics(r, topic_count, a, item, e))
		return false;
	body = rd_str32(r);
	if (!read_body(body, rd_le32(r), item, e))
		return false;
	item->fingerprint = rd_bytes(r, FINGERPRINT_LEN);
	item->url = rd_str32(r);
	return (fingerprint_decode(item->fingerprint, &print) && item->url.n <= URL_MAX) ||
	       bad(e, "a fingerprint or a link out of range");
}

static bool read_head(
    struct rd *r, struct job_answer *out, enum err_kind *kind, uint32_t *blocks, struct err *e)
{
	uint8_t k, format, flags;

	if (rd_le32(r) != ANSWER_MAGIC)
		return bad(e, "not an answer frame");
	out->id = rd_le64(r);
	k = rd_u8(r);
	format = rd_u8(r);
	flags = rd_u8(r);
	out->skip_days = rd_u8(r);
	out->ttl_ms = (int64_t)rd_le64(r);
	out->skip_hours = rd_le32(r);
	out->item_total = rd_le64(r);
	out->left = rd_le64(r);
	*blocks = rd_le32(r);
	if (r->failed || k >= ERR_KINDS || format >= FEED_FORMATS || *blocks > JOB_LISTED_MAX)
		return bad(e, "head is cut or out of range");
	*kind = (enum err_kind)k;
	out->format = (enum feed_format)format;
	out->recovered = flags & ANSWER_RECOVERED;
	out->complete = flags & ANSWER_COMPLETE;
	return true;
}

static bool read_tail(struct rd *r, struct job_answer *out, enum err_kind kind, struct err *e)
{
	struct str text = rd_str32(r);

	out->title = rd_str32(r);
	out->language = rd_str32(r);
	out->encoding = rd_str32(r);
	out->note = rd_str32(r);
	out->archive = rd_str32(r);
	out->hub = rd_str32(r);
	out->self = rd_str32(r);
	if (r->failed || r->n != 0)
		return bad(e, "cut or too long");
	if (kind != ERR_NONE)
		err_set(&out->error, kind, 0, "%.*s", STR_ARG(text));
	return true;
}

bool job_answer_decode(
    struct str frame, size_t topic_count, struct arena *a, struct job_answer *out, struct err *e)
{
	struct rd r = { frame.p, frame.n, false };
	struct job_item *items;
	enum err_kind kind = ERR_NONE;
	uint32_t blocks = 0;

	*out = (struct job_answer){ .error.kind = ERR_NONE };
	if (!read_head(&r, out, &kind, &blocks, e))
		return false;
	if (blocks > r.n / BLOCK_HEAD_LEN || (kind != ERR_NONE && blocks != 0))
		return bad(e, "more items than there can be");
	items = arena_alloc(a, blocks * sizeof(*items));
	if (!items)
		return err_nomem(e);
	for (uint32_t i = 0; i < blocks; i++) {
		bool keep = false;

		if (!read_item(&r, topic_count, a, &items[out->item_count], &keep, e))
			return false;
		out->item_count += keep;
	}
	out->items = items;
	return read_tail(&r, out, kind, e);
}
