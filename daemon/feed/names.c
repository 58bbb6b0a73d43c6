/* names: namespaces by URI and prefix, and the index over the element table. Pure lookups after elements_init. */
#include "daemon/feed/names_priv.h"

#include "daemon/base/attr.h"
#include "daemon/feed/elements_priv.h"

#include <assert.h>

#define URI_MAX 128 /* bytes; longer URIs are none that we know */
#define INDEX_SIZE 1024u /* slots; a power of two, well over twice the rows */
#define CHAIN_MAX 4 /* rows with one name in one namespace */

struct ns_uri {
	struct str uri; /* lower case, without scheme and trailing slash */
	enum ns ns;
};

static const struct ns_uri uris[] = {
	{ STR("www.w3.org/2005/atom"), NS_ATOM },
	{ STR("www.w3.org/1999/02/22-rdf-syntax-ns#"), NS_RDF },
	{ STR("purl.org/rss/1.0/modules/content"), NS_CONTENT },
	{ STR("purl.org/rss/1.0/modules/syndication"), NS_SYNDICATION },
	{ STR("search.yahoo.com/mrss"), NS_MEDIA },
	{ STR("video.search.yahoo.com/mrss"), NS_MEDIA },
	{ STR("tools.search.yahoo.com/mrss"), NS_MEDIA },
	{ STR("www.itunes.com/dtds/podcast-1.0.dtd"), NS_ITUNES },
	{ STR("example.com/dtds/podcast-1.0.dtd"), NS_ITUNES },
	{ STR("www.google.com/schemas/play-podcasts/1.0"), NS_ITUNES },
	{ STR("www.google.com/schemas/play-podcasts/1.0/play-podcasts.xsd"), NS_ITUNES },
	{ STR("www.w3.org/1999/xhtml"), NS_XHTML },
	{ STR("www.w3.org/xml/1998/namespace"), NS_XML },
	{ STR("www.sitemaps.org/schemas/sitemap/0.9"), NS_SITEMAP },
	{ STR("www.google.com/schemas/sitemap/0.84"), NS_SITEMAP },
	{ STR("www.google.com/schemas/sitemap-news/0.9"), NS_NEWS },
	{ STR("www.google.com/schemas/sitemap-image/1.1"), NS_SITEMAP_IMAGE },
	{ STR("rssnamespace.org/feedburner/ext/1.0"), NS_FEEDBURNER },
	{ STR("backend.userland.com/rss"), NS_NONE },
	{ STR("backend.userland.com/rss2"), NS_NONE },
	{ STR("backend.userland.com/rss091"), NS_NONE },
	{ STR("blogs.law.harvard.edu/tech/rss"), NS_NONE },
	{ STR("cyber.law.harvard.edu/rss"), NS_NONE },
	{ STR("cyber.law.harvard.edu/rss/rss.html"), NS_NONE },
	{ STR("my.netscape.com/rdf/simple/0.9"), NS_NONE },
	{ STR("channel.netscape.com/rdf/simple/0.9"), NS_NONE },
	{ STR("my.netscape.com/publish/formats/rss-0.91.dtd"), NS_NONE },
	{ STR("www.rssboard.org/rss-specification"), NS_NONE },
	{ STR("www.w3.org/2005/rss"), NS_NONE },
	{ STR("purl.org/net/rss1.1#"), NS_NONE },
};

/* Families: every version and misspelling below one of these. */
static const struct ns_uri families[] = {
	{ STR("purl.org/atom/ns"), NS_ATOM },
	{ STR("www.w3.org/2005/atom"), NS_ATOM },
	{ STR("purl.org/dc/"), NS_DC },
	{ STR("dublincore.org/"), NS_DC },
	{ STR("search.yahoo.com/mrss"), NS_MEDIA },
	{ STR("www.itunes.com/dtds/"), NS_ITUNES },
	{ STR("www.sitemaps.org/schemas/sitemap/"), NS_SITEMAP },
	{ STR("www.google.com/schemas/sitemap-news/"), NS_NEWS },
	{ STR("www.google.com/schemas/sitemap-image/"), NS_SITEMAP_IMAGE },
	{ STR("purl.org/rss/1.0/modules/"), NS_OTHER },
	{ STR("purl.org/rss/"), NS_NONE },
};

static const struct ns_uri prefixes[] = {
	{ STR("atom"), NS_ATOM },
	{ STR("atom10"), NS_ATOM },
	{ STR("a10"), NS_ATOM },
	{ STR("rdf"), NS_RDF },
	{ STR("dc"), NS_DC },
	{ STR("dcterms"), NS_DC },
	{ STR("content"), NS_CONTENT },
	{ STR("media"), NS_MEDIA },
	{ STR("itunes"), NS_ITUNES },
	{ STR("googleplay"), NS_ITUNES },
	{ STR("xhtml"), NS_XHTML },
	{ STR("sy"), NS_SYNDICATION },
	{ STR("news"), NS_NEWS },
	{ STR("feedburner"), NS_FEEDBURNER },
	{ STR("xml"), NS_XML },
	{ STR("rss"), NS_NONE },
};

static struct str lower_into(struct str s, char *out)
{
	for (size_t i = 0; i < s.n; i++)
		out[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
	return (struct str){ out, s.n };
}

enum ns ns_of_uri(struct str uri)
{
	char text[URI_MAX];
	uri = str_trim(uri);
	if (uri.n == 0)
		return NS_NONE;
	if (uri.n > URI_MAX)
		return NS_OTHER;
	struct str s = lower_into(uri, text);
	if (str_starts(s, STR("https://")))
		s = str_skip(s, 8);
	else if (str_starts(s, STR("http://")))
		s = str_skip(s, 7);
	if (str_ends(s, STR("/")))
		s.n--;
	for (size_t i = 0; i < ARRAY_LEN(uris); i++)
		if (str_eq(s, uris[i].uri))
			return uris[i].ns;
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (str_starts(s, families[i].uri))
			return families[i].ns;
	return NS_OTHER;
}

enum ns ns_of_prefix(struct str prefix)
{
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (str_eq_nocase(prefix, prefixes[i].uri))
			return prefixes[i].ns;
	return NS_OTHER;
}

struct element_chain {
	const char *name; /* NULL: free */
	enum ns ns;
	unsigned n;
	const struct element *rows[CHAIN_MAX];
};

static struct element_chain name_index[INDEX_SIZE];
static bool index_ready;

static uint32_t name_hash(enum ns ns, struct str name)
{
	uint32_t h = 2166136261u ^ (uint32_t)ns;
	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (uint8_t)name.p[i]) * 16777619u;
	return h ^ (h >> 15);
}

static struct element_chain *chain_slot(enum ns ns, struct str name)
{
	for (uint32_t i = name_hash(ns, name);; i++) {
		struct element_chain *c = &name_index[i & (INDEX_SIZE - 1)];
		if (!c->name || (c->ns == ns && str_eq(str_from(c->name), name)))
			return c;
	}
}

static void index_row(const struct element *row)
{
	for (unsigned ns = 0; ns < NS_COUNT; ns++) {
		if (!(row->ns_mask & 1u << ns))
			continue;
		struct element_chain *c = chain_slot((enum ns)ns, str_from(row->name));
		c->name = row->name;
		c->ns = (enum ns)ns;
		assert(c->n < CHAIN_MAX);
		c->rows[c->n++] = row;
	}
}

void elements_init(void)
{
	if (index_ready)
		return;
	size_t n;
	const struct element *rows = elements_table(&n);
	for (size_t i = 0; i < n; i++)
		index_row(&rows[i]);
	index_ready = true;
}

const struct element_chain *elements_named(enum ns ns, struct str local)
{
	char text[NAME_MAX_LEN];
	assert(index_ready);
	if (local.n > NAME_MAX_LEN || ns == NS_OTHER)
		return NULL;
	const struct element_chain *c = chain_slot(ns, lower_into(local, text));
	return c->name ? c : NULL;
}

const struct element *element_in(const struct element_chain *chain, unsigned place)
{
	if (!chain)
		return NULL;
	for (unsigned i = 0; i < chain->n; i++)
		if (chain->rows[i]->places & place)
			return chain->rows[i];
	return NULL;
}
