/* feeds: the list of feeds: entries, defaults of a file, what they inherit, names that are there twice, and what two feeds ask alike. */
#include "daemon/conf/load_priv.h"

#include "daemon/base/hash.h"
#include "daemon/base/url.h"
#include "daemon/conf/map_priv.h"
#include "daemon/conf/units_priv.h"
#include "daemon/conf/value_priv.h"

#include <ctype.h>

#define NAME_SEED 0x67617a65 /* any constant: names come from the operator, not from an attacker */

uint64_t conf_name_hash(struct str name)
{
	return hash64(name, NAME_SEED);
}

static struct conf_feed_draft *feeds_of(const struct conf_loader *l)
{
	return (struct conf_feed_draft *)(void *)l->feeds.p;
}

/* The two arrays of feeds are of one length until memory is short; then both count for nothing. */
static bool feeds_failed(const struct conf_loader *l)
{
	return l->feeds.failed || l->feeds_more.failed;
}

static size_t feed_count(const struct conf_loader *l)
{
	return feeds_failed(l) ? 0 : l->feeds.n / sizeof(struct conf_feed_draft);
}

static const struct conf_feed *feed_at(const void *list, size_t size, uint32_t item)
{
	return (const struct conf_feed *)(const void *)((const char *)list + item * size);
}

struct named { /* what an index is asked for */
	const void *list;
	size_t size;
	struct str name;
};

static bool same_name(const void *ctx, uint32_t item)
{
	const struct named *n = ctx;
	return str_eq(n->name, str_from(feed_at(n->list, n->size, item)->name));
}

const struct conf_feed *conf_feed_in(
    const struct conf_index *x, const void *list, size_t size, struct str name)
{
	uint32_t item;
	const struct named n = { list, size, name };
	return conf_index_find(x, conf_name_hash(name), same_name, &n, &item) ? feed_at(list, size, item)
	                                                                      : NULL;
}

static const struct conf_feed *find(const struct conf_loader *l, struct str name)
{
	return conf_feed_in(&l->feed_names, feeds_of(l), sizeof(struct conf_feed_draft), name);
}

bool conf_feed_name_taken(const struct conf_loader *l, struct str name)
{
	return !feeds_failed(l) && find(l, name) != NULL;
}

/* Two addresses are one when they name the same thing on the same server; https is not http here. */
static void write_address(const char *text, struct buf *out)
{
	struct url url;
	if (!url_parse(str_from(text), &url))
		return;
	bool secure = str_eq_nocase(url.scheme, STR("https"));
	buf_str(out, secure ? STR("s ") : STR("p "));
	for (size_t i = 0; i < url.host.n; i++)
		buf_byte(out, (char)tolower((unsigned char)url.host.p[i]));
	if (url.port != 0 && url.port != (secure ? 443 : 80))
		buf_fmt(out, ":%u", url.port);
	buf_str(out, url.path.n > 0 ? url.path : STR("/"));
	if (url.has_query) {
		buf_byte(out, '?');
		buf_str(out, url.query);
	}
}

void conf_feed_request(const struct conf_feed *f, struct buf *out)
{
	const char *const asker[] = { f->language, f->username, f->password_file, f->bearer_file,
		f->fetch->proxy, f->fetch->proxy_username, f->fetch->proxy_password_file, f->fetch->ca_file,
		f->fetch->pin, f->fetch->client_certificate, f->fetch->client_key };
	write_address(f->url, out);
	for (size_t i = 0; i < ARRAY_LEN(asker); i++) {
		buf_byte(out, '\n');
		buf_str(out, str_from(asker[i]));
	}
	if (f->fetch->allow_networks_count > 0)
		buf_add(out, f->fetch->allow_networks,
		    f->fetch->allow_networks_count * sizeof(*f->fetch->allow_networks));
}

static uint64_t feed_bit(const char *key)
{
	size_t i = 0;
	size_t base;
	const struct conf_section *s = &conf_feed_section;
	conf_key_find(s, str_from(key), &i, &base);
	return UINT64_C(1) << i;
}

/* Credentials are for one proxy: whoever names another one does not inherit them. */
static uint64_t with_proxy_whole(const struct conf_feed_draft *f, uint64_t set)
{
	return f->fetch.proxy ? set | feed_bit("proxy_username") | feed_bit("proxy_password_file") : set;
}

static bool check_name(struct conf_loader *l, const struct conf_feed *feed, struct conf_place at)
{
	const struct conf_feed *other = find(l, str_from(feed->name));
	if (!other)
		return true;
	conf_complain(&l->report, at, "the feed name \"%s\" is used twice (first at %s:%d)", feed->name,
	    other->file, other->line);
	return false;
}

bool conf_feed_add(struct conf_loader *l, const struct conf_feed_draft *draft,
    const struct conf_feed_more *more, struct conf_place name_at)
{
	const struct conf_feed *feed = &draft->feed;
	size_t n = feed_count(l);
	if (feeds_failed(l))
		return false;
	bool good = check_name(l, feed, name_at);
	if (!good || n >= CONF_FEEDS_MAX) {
		if (good && n == CONF_FEEDS_MAX)
			conf_complain(&l->report, name_at, "more than %u feeds", CONF_FEEDS_MAX);
		return false;
	}
	struct conf_feed_more own = *more;
	own.set = with_proxy_whole(draft, more->set);
	buf_add(&l->feeds, draft, sizeof(*draft));
	buf_add(&l->feeds_more, &own, sizeof(own));
	if (feeds_failed(l))
		return false;
	uint64_t name_hash = conf_name_hash(str_from(feed->name));
	if (conf_index_add(&l->feed_names, name_hash, (uint32_t)n))
		return true;
	conf_complain(&l->report, name_at, "out of memory");
	return false;
}

static void take_feed(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *start)
{
	struct conf_feed_draft draft = l->feed_preset;
	struct conf_map m;
	conf_map_init(&m, &conf_feed_section, &draft);
	conf_map_take(l, y, &m);
	struct conf_feed_more more = { m.set, start->at.column, m.wrong };
	draft.feed.file = start->at.file;
	draft.feed.line = start->at.line;
	if (!conf_map_required(l, &m, start->at, "a feed"))
		l->feeds_broken = true;
	else if (!conf_feed_add(l, &draft, &more, conf_map_place(&m, "name")))
		l->feeds_broken = true;
}

void conf_feeds_take(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *node)
{
	static const struct conf_entries list = { "feeds", "name", "a feed", take_feed };
	conf_entries_take(l, y, node, &list);
}

void conf_defaults_take(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *node)
{
	struct conf_map m;
	if (node->kind != CONF_NODE_MAP) {
		conf_complain(
		    &l->report, node->at, "defaults: expected keys below it, got %s", conf_node_what(node));
		conf_yaml_skip(y, node);
		return;
	}
	conf_map_init(&m, &conf_defaults_section, &l->source->defaults);
	conf_map_take(l, y, &m);
	l->source->defaults_set = with_proxy_whole(&l->source->defaults, m.set);
}

void conf_feeds_end_file(struct conf_loader *l)
{
	const struct conf_source *s = l->source;
	struct conf_feed_draft *feeds = feeds_of(l);
	struct conf_feed_more *more = (struct conf_feed_more *)(void *)l->feeds_more.p;
	if (s->defaults_set == 0)
		return;
	for (size_t i = s->first_feed; i < feed_count(l); i++)
		conf_map_inherit(&conf_feed_section, &feeds[i], &more[i].set, &s->defaults, s->defaults_set);
}

/* The bits of a feed's keys that are keys of `fetch`, moved to where `fetch` counts them. */
static uint64_t fetch_bits(uint64_t set)
{
	return set >> conf_feed_section.parts[0].count;
}

static uint64_t fetch_bit(const char *key)
{
	return fetch_bits(feed_bit(key));
}

/* Bounds that nobody wrote give way to an interval that somebody did; bounds that were written hold. */
static void check_rhythm(
    struct conf_loader *l, struct conf_fetch *f, uint64_t written, struct conf_place at, const char *who)
{
	struct buf text;
	buf_init(&text, 256);
	if (written & fetch_bit("interval") && !(written & fetch_bit("adaptive")))
		f->adaptive = false;
	if (f->interval < f->interval_min && !(written & fetch_bit("interval_min")))
		f->interval_min = f->interval;
	if (f->interval > f->interval_max && !(written & fetch_bit("interval_max")))
		f->interval_max = f->interval;
	if (f->interval < f->interval_min) {
		buf_fmt(&text, "%s: the interval of ", who);
		conf_print_duration(f->interval, &text);
		buf_str(&text, STR(" is shorter than interval_min, "));
		conf_print_duration(f->interval_min, &text);
	} else if (f->interval > f->interval_max) {
		buf_fmt(&text, "%s: the interval of ", who);
		conf_print_duration(f->interval, &text);
		buf_str(&text, STR(" is longer than interval_max, "));
		conf_print_duration(f->interval_max, &text);
	}
	if (text.n > 0)
		conf_complain(&l->report, at, "%.*s", STR_ARG(buf_view(&text)));
	buf_fini(&text);
}

static void check_credentials(struct conf_loader *l, const struct conf_feed *f, struct conf_place at)
{
	if (!f->username != !f->password_file)
		conf_complain(&l->report, at, "%s: username and password_file are needed together", f->name);
	if (f->bearer_file && f->username)
		conf_complain(
		    &l->report, at, "%s: either bearer_file or username and password_file", f->name);
}

static void check_proxy(
    struct conf_loader *l, const struct conf_fetch *f, struct conf_place at, const char *who)
{
	if (!f->proxy_username != !f->proxy_password_file)
		conf_complain(
		    &l->report, at, "%s: proxy_username and proxy_password_file are needed together", who);
	else if (f->proxy_username && !f->proxy)
		conf_complain(&l->report, at, "%s: proxy_username without proxy", who);
}

/* Once for all feeds: what they need stands in the main file. */
static void check_websub(struct conf_loader *l)
{
	const struct conf_feed_draft *feeds = feeds_of(l);
	const struct conf *c = l->conf;
	for (size_t i = 0; (!c->http.listen || !c->websub.public_url) && i < feed_count(l); i++) {
		const struct conf_feed *f = &feeds[i].feed;
		if (!feeds[i].fetch.websub || !f->enabled)
			continue;
		conf_complain(&l->report, (struct conf_place){ f->file, f->line, 0 },
		    "%s: websub needs http.listen and websub.public_url", f->name);
		return;
	}
}

void conf_feeds_finish(struct conf_loader *l)
{
	struct conf_feed_draft *feeds = feeds_of(l);
	struct conf_feed_more *more = (struct conf_feed_more *)(void *)l->feeds_more.p;
	const struct conf_part *fetch = &conf_feed_section.parts[1];
	uint64_t all = ((UINT64_C(1) << fetch->count) - 1) << conf_feed_section.parts[0].count;
	struct conf_feed_draft global = { .feed.name = NULL };
	check_rhythm(l, &l->conf->fetch, l->fetch_set, (struct conf_place){ l->conf->file, 0, 0 }, "fetch");
	check_proxy(l, &l->conf->fetch, (struct conf_place){ l->conf->file, 0, 0 }, "fetch");
	global.fetch = l->conf->fetch;
	for (size_t i = 0; i < feed_count(l); i++) {
		const struct conf_feed *f = &feeds[i].feed;
		struct conf_place at = { f->file, f->line, more[i].column };
		uint64_t own = fetch_bits(more[i].set);
		conf_map_inherit(&conf_feed_section, &feeds[i], &more[i].set, &global, all);
		/* Nothing of its own: what is wrong was said of the global values. */
		if (own != 0 && !more[i].wrong) {
			check_rhythm(l, &feeds[i].fetch, own | l->fetch_set, at, f->name);
			check_proxy(l, &feeds[i].fetch, at, f->name);
		}
		if (!more[i].wrong)
			check_credentials(l, f, at);
	}
	check_websub(l);
}
