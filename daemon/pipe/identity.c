/* identity: hashes of what names an item, and which of them can be trusted. */
#include "daemon/pipe/identity.h"

#include "daemon/base/date.h"
#include "daemon/base/url.h"
#include "daemon/pipe/record.h"

#include <string.h>

/* What kind of name was hashed: an id that reads like a link is not that link. */
enum space { SPACE_ID = 1, SPACE_LINK, SPACE_CONTENT, SPACE_BOTH, SPACE_PRINT };

uint64_t identity_seed(struct str feed)
{
	return hash64(feed, 0);
}

static void add_alias(struct identity *i, uint64_t seed, enum space space, struct str source)
{
	i->aliases[i->count] = (struct job_alias){ hash64(source, seed + space), ALIAS_STRONG };
	i->keys[i->count] = hash128(source, seed + space);
	i->count++;
}

/* A link to a site's front page says where the site is, not which item this is. */
static bool is_front_page(struct str canonical)
{
	struct url u;

	return !url_parse(canonical, &u) || ((u.path.n == 0 || str_eq(u.path, STR("/"))) && u.query.n == 0);
}

/* http and https name the same thing: publishers flip between them. */
static void fold_scheme(struct str id, struct buf *out)
{
	if (str_starts_nocase(id, STR("https:"))) {
		buf_str(out, STR("http:"));
		id = str_skip(id, sizeof("https:") - 1);
	}
	buf_str(out, id);
}

static void add_id(struct identity *i, uint64_t seed, struct str id, struct buf *scratch)
{
	id = str_trim(id);
	if (id.n == 0)
		return;
	buf_clear(scratch);
	fold_scheme(id, scratch);
	add_alias(i, seed, SPACE_ID, buf_view(scratch));
}

/* Leaves the canonical link in scratch. */
static void add_link(struct identity *i, uint64_t seed, struct str link, struct buf *scratch)
{
	struct str canonical;

	buf_clear(scratch);
	if (link.n == 0 || link.n > URL_MAX || !url_is_http(link))
		return;
	url_canonical(link, scratch);
	canonical = buf_view(scratch);
	if (canonical.n && !(i->count && is_front_page(canonical)))
		add_alias(i, seed, SPACE_LINK, canonical);
}

uint64_t identity_link(uint64_t seed, struct str link, struct buf *scratch)
{
	const unsigned others = 1; /* a front page is no name beside them */
	struct identity i = { .count = others };

	add_link(&i, seed, link, scratch);
	return i.count > others ? i.aliases[others].hash : 0;
}

static void note_members(const struct feed_item *item, struct str title, struct str text, struct buf *scratch,
    struct identity *out)
{
	struct said said = {
		.id = record_id(item),
		.url = record_url(item),
		.title = title,
		.summary = record_summary(item),
		.text = text,
		.published = item->published.ms,
		.modified = item->modified.ms,
	};

	members_of(&said, scratch, out->members);
	if (item->published.ms != DATE_NONE)
		out->published = item->published.ms / 1000;
}

void identity_of(uint64_t seed, const struct feed_item *item, struct str title, struct str text,
    struct buf *scratch, struct identity *out)
{
	uint64_t said[3], all[JOB_ALIASES_MAX + 2] = { 0 };
	unsigned n = 0;

	*out = (struct identity){ .count = 0 };
	note_members(item, title, text, scratch, out);
	add_id(out, seed, item->id, scratch);
	add_link(out, seed, item->url, scratch);
	said[0] = hash64(title, seed);
	said[1] = hash64(text, seed + 1);
	said[2] = hash64(buf_view(scratch), seed + 2);
	out->content = (uint32_t)hash64(str_of(said, sizeof(said)), seed);
	while (n < out->count) {
		all[n] = out->aliases[n].hash;
		n++;
	}
	/* With neither id nor link this is the hash of title and text alone. */
	all[n++] = hash64(str_of(said, sizeof(said)), seed + SPACE_CONTENT);
	add_alias(out, seed, SPACE_BOTH, str_of(all, n * sizeof(all[0])));
	out->sameness = hash64(str_of(all, n * sizeof(all[0])), seed + SPACE_PRINT);
	all[n++] = members_version(out->members);
	out->print = hash64(str_of(all, n * sizeof(all[0])), seed + SPACE_PRINT);
}

/* Open addressing over a power of two at most half full; 0 marks a free place, so a hash of 0 becomes 1. */
struct tally {
	struct slot {
		uint64_t hash;
		uint64_t times;
	} * at;
	size_t mask;
};

static struct slot *tally_slot(struct tally *t, uint64_t hash)
{
	size_t i = hash & t->mask;

	hash += hash == 0;
	while (t->at[i].hash != 0 && t->at[i].hash != hash)
		i = (i + 1) & t->mask;
	t->at[i].hash = hash;
	return &t->at[i];
}

static bool tally_init(struct tally *t, size_t names, struct buf *memory)
{
	size_t slots = 16;

	while (slots < names * 2)
		slots *= 2;
	buf_clear(memory);
	t->at = (struct slot *)(void *)buf_reserve(memory, slots * sizeof(*t->at));
	if (!t->at)
		return false;
	memset(t->at, 0, slots * sizeof(*t->at));
	t->mask = slots - 1;
	return true;
}

static void decide_uses(struct tally *t, struct identity *i)
{
	unsigned last = i->count - 1;
	bool shared = last == 0;

	for (unsigned k = 0; k < last; k++) {
		if (tally_slot(t, i->aliases[k].hash)->times < 2)
			continue;
		i->aliases[k].use = ALIAS_WEAK;
		shared = true;
	}
	i->aliases[last].use = shared ? ALIAS_STRONG : ALIAS_LOOK;
}

bool identity_settle(struct identity *items, size_t count, struct buf *scratch, struct err *e)
{
	struct tally t;

	if (!tally_init(&t, count * (JOB_ALIASES_MAX + 1), scratch))
		return err_nomem(e);
	for (size_t n = 0; n < count; n++) {
		struct identity *i = &items[n];

		i->repeated = tally_slot(&t, i->sameness)->times++ > 0;
		for (unsigned k = 0; !i->repeated && k + 1 < i->count; k++)
			tally_slot(&t, i->aliases[k].hash)->times++;
	}
	for (size_t n = 0; n < count; n++)
		if (!items[n].repeated)
			decide_uses(&t, &items[n]);
	return true;
}

unsigned identity_primary(const struct identity *i)
{
	for (unsigned k = 0; k < i->count; k++)
		if (i->aliases[k].use == ALIAS_STRONG)
			return k;
	return i->count - 1;
}
