/* remembered: judging, writing and reading it. */
#include "daemon/pipe/remembered.h"

#include "daemon/base/hash.h"

#include <string.h>

#define FORM 1 /* raised only when a field changes its meaning */
#define FLAG_WITHDRAWN 1
#define TIMES_MASK 3u
#define TIMES_TEXT 2u /* records of one text: that it came back is worth one, that it flaps is not */
#define TIMES_NAME 1u /* of one that differs from another by its names alone */
#define DAY_MS 86400000

static uint32_t *find_version(struct remembered *r, uint32_t version)
{
	for (size_t i = 0; i < REMEMBERED_VERSIONS; i++)
		if (r->versions[i] && (r->versions[i] & ~TIMES_MASK) == (version & ~TIMES_MASK))
			return &r->versions[i];
	return NULL;
}

static void add_version(struct remembered *r, uint32_t version)
{
	uint32_t *known = find_version(r, version);

	if (known) {
		*known += (*known & TIMES_MASK) < TIMES_MASK;
		return;
	}
	memmove(r->versions + 1, r->versions, (REMEMBERED_VERSIONS - 1) * sizeof(r->versions[0]));
	r->versions[0] = (version & ~TIMES_MASK) | 1;
}

static uint32_t topic_hash(struct str name)
{
	return (uint32_t)hash64(name, 0) & ~1u;
}

static uint32_t *find_topic(struct remembered *r, uint32_t hash)
{
	for (unsigned i = 0; i < r->topic_count; i++)
		if ((r->topics[i] & ~1u) == hash)
			return &r->topics[i];
	return NULL;
}

void remembered_add_topic(struct remembered *r, struct str name, bool match)
{
	uint32_t hash = topic_hash(name), *known = find_topic(r, hash);

	if (known)
		*known |= match;
	else if (r->topic_count < REMEMBERED_TOPICS)
		r->topics[r->topic_count++] = hash | match;
}

static struct str topic_name(const struct classifier *c, const struct job_topic *t)
{
	return str_from(cls_topic(c, t->topic)->name);
}

static void add_topics(struct remembered *r, const struct job_item *item, const struct classifier *c)
{
	for (size_t i = 0; i < item->topic_count; i++)
		remembered_add_topic(
		    r, topic_name(c, &item->topics[i]), item->topics[i].decision == CLS_MATCH);
}

size_t remembered_grown(const struct remembered *before, const struct job_item *item,
    const struct classifier *c, struct job_topic *grown)
{
	struct remembered known = *before;
	size_t n = 0;

	for (size_t i = 0; i < item->topic_count; i++) {
		const struct job_topic *t = &item->topics[i];
		const uint32_t *had = find_topic(&known, topic_hash(topic_name(c, t)));

		if (!had || (t->decision == CLS_MATCH && !(*had & 1)))
			grown[n++] = *t;
	}
	return n;
}

void remembered_add_aliases(struct remembered *r, const uint64_t *aliases, unsigned count)
{
	uint64_t all[REMEMBERED_ALIASES + JOB_ALIASES_MAX];
	unsigned n = 0;

	for (unsigned i = 0; i < count && i < JOB_ALIASES_MAX; i++)
		all[n++] = aliases[i];
	for (unsigned i = 0, own = n; i < r->alias_count; i++) {
		bool again = false;

		for (unsigned k = 0; k < own; k++)
			again = again || all[k] == r->aliases[i];
		if (!again)
			all[n++] = r->aliases[i];
	}
	r->alias_count = n < REMEMBERED_ALIASES ? n : REMEMBERED_ALIASES;
	memcpy(r->aliases, all, r->alias_count * sizeof(all[0]));
}

void remembered_add_text(struct remembered *r, const uint32_t members[MEMBERS], struct str head)
{
	memcpy(r->members, members, sizeof(r->members));
	add_version(r, members_version(members));
	r->head = head;
	r->withdrawn = false;
}

void remembered_count(struct remembered *r, int64_t now)
{
	uint32_t day = (uint32_t)(now / DAY_MS);

	r->today = r->day == day ? r->today + 1 : 1;
	r->day = day;
}

static void take_item(struct remembered *r, const struct job_item *item, const struct classifier *c)
{
	uint64_t strong[JOB_ALIASES_MAX];
	unsigned n = 0;

	for (unsigned k = 0; k < item->alias_count; k++)
		if (item->aliases[k].use == ALIAS_STRONG)
			strong[n++] = item->aliases[k].hash;
	remembered_add_aliases(r, strong, n);
	remembered_add_text(r, item->members, item->head);
	add_topics(r, item, c);
}

void remembered_new(const struct job_item *item, const struct classifier *c, struct remembered *out)
{
	*out = (struct remembered){ .seq = 0 };
	take_item(out, item, c);
}

static uint32_t changed_members(const struct remembered *before, const struct job_item *item)
{
	uint32_t changed = 0;

	for (unsigned m = 0; m < MEMBERS; m++)
		if (before->members[m] != item->members[m])
			changed |= 1u << m;
	return changed;
}

/* A page that shows always the newest under one address: what shares only that address is another item. */
static bool is_another(const struct judging *j, uint32_t changed)
{
	const uint32_t own = (1u << MEMBER_ID) | (1u << MEMBER_TITLE);

	return j->by_link && (changed & own) == own &&
	       (changed & (1u << MEMBER_TEXT) || j->item->members[MEMBER_TEXT] == 0);
}

static bool was_recorded(const struct remembered *before, const struct job_item *item, uint32_t changed)
{
	struct remembered r = *before;
	const uint32_t *known = find_version(&r, members_version(item->members));

	return known && (*known & TIMES_MASK) >= (changed & MEMBERS_TEXTS ? TIMES_TEXT : TIMES_NAME);
}

enum judgement remembered_judge(
    const struct remembered *before, const struct judging *j, struct remembered *after, uint32_t *changed)
{
	uint32_t today = before->day == (uint32_t)(j->now / DAY_MS) ? before->today : 0;

	*changed = changed_members(before, j->item);
	if (is_another(j, *changed))
		return JUDGED_ANOTHER;
	if (!before->withdrawn) { /* that it is listed again is news by itself */
		if (!(*changed & (MEMBERS_NAMES | MEMBERS_TEXTS)) || was_recorded(before, j->item, *changed))
			return JUDGED_SAME;
		if (today >= j->limit)
			return JUDGED_HELD;
	}
	*after = *before;
	remembered_count(after, j->now);
	take_item(after, j->item, j->classifier);
	return JUDGED_REVISED;
}

void remembered_encode(const struct remembered *r, struct buf *out)
{
	buf_byte(out, FORM);
	buf_byte(out, r->withdrawn ? FLAG_WITHDRAWN : 0);
	buf_le64(out, r->seq);
	buf_add(out, r->key, JOB_KEY_LEN);
	buf_add(out, r->case_key, JOB_KEY_LEN);
	for (size_t i = 0; i < MEMBERS; i++)
		buf_le32(out, r->members[i]);
	for (size_t i = 0; i < REMEMBERED_VERSIONS; i++)
		buf_le32(out, r->versions[i]);
	buf_le32(out, r->day);
	buf_le32(out, r->today);
	buf_le32(out, r->withdrawn_at);
	buf_byte(out, (char)r->alias_count);
	for (unsigned i = 0; i < r->alias_count; i++)
		buf_le64(out, r->aliases[i]);
	buf_byte(out, (char)r->topic_count);
	for (unsigned i = 0; i < r->topic_count; i++)
		buf_le32(out, r->topics[i]);
	buf_str32(out, r->head.n <= REMEMBERED_HEAD_MAX ? r->head : STR(""));
}

static bool take_key(struct rd *r, char key[JOB_KEY_LEN])
{
	struct str s = rd_bytes(r, JOB_KEY_LEN);

	if (s.n == JOB_KEY_LEN)
		memcpy(key, s.p, JOB_KEY_LEN);
	return s.n == JOB_KEY_LEN;
}

bool remembered_decode(struct str blob, struct remembered *out)
{
	struct rd r = { blob.p, blob.n, false };
	uint8_t form = rd_u8(&r), flags = rd_u8(&r);

	*out = (struct remembered){ .withdrawn = flags & FLAG_WITHDRAWN, .seq = rd_le64(&r) };
	if (form != FORM || !take_key(&r, out->key) || !take_key(&r, out->case_key))
		return false;
	for (size_t i = 0; i < MEMBERS; i++)
		out->members[i] = rd_le32(&r);
	for (size_t i = 0; i < REMEMBERED_VERSIONS; i++)
		out->versions[i] = rd_le32(&r);
	out->day = rd_le32(&r);
	out->today = rd_le32(&r);
	out->withdrawn_at = rd_le32(&r);
	out->alias_count = rd_u8(&r);
	if (out->alias_count > REMEMBERED_ALIASES)
		return false;
	for (unsigned i = 0; i < out->alias_count; i++)
		out->aliases[i] = rd_le64(&r);
	out->topic_count = rd_u8(&r);
	if (out->topic_count > REMEMBERED_TOPICS)
		return false;
	for (unsigned i = 0; i < out->topic_count; i++)
		out->topics[i] = rd_le32(&r);
	out->head = rd_str32(&r);
	return !r.failed;
}
