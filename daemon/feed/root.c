/* root: which format a document is, by its root element. */
#include "daemon/feed/build_priv.h"

typedef enum feed_format root_format_f(const struct tag *tag, const struct attrs *attrs);

static enum feed_format rss_format(const struct tag *tag, const struct attrs *attrs)
{
	static const struct {
		struct str version;
		enum feed_format format;
	} versions[] = {
		{ STR("0.90"), FEED_RSS_090 },
		{ STR("0.91"), FEED_RSS_091 },
		{ STR("0.92"), FEED_RSS_092 },
		{ STR("0.93"), FEED_RSS_093 },
		{ STR("0.94"), FEED_RSS_094 },
		{ STR("1.0"), FEED_RSS_10 },
	};
	(void)tag;
	struct str version = str_trim(attr_get(attrs, STR("version")));
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		if (str_eq(version, versions[i].version))
			return versions[i].format;
	return FEED_RSS_20;
}

static enum feed_format rdf_format(const struct tag *tag, const struct attrs *attrs)
{
	(void)tag;
	(void)attrs;
	return FEED_RSS_10; /* 0.90 shows itself by the namespace of its channel */
}

static enum feed_format atom_format(const struct tag *tag, const struct attrs *attrs)
{
	if (str_find_nocase(tag->uri, STR("purl.org/atom"), 0) != SIZE_MAX)
		return FEED_ATOM_03;
	if (tag->uri.n == 0 && str_eq(str_trim(attr_get(attrs, STR("version"))), STR("0.3")))
		return FEED_ATOM_03;
	return FEED_ATOM_10;
}

static enum feed_format cdf_format(const struct tag *tag, const struct attrs *attrs)
{
	(void)attrs;
	return str_eq(tag->local, STR("channel")) ? FEED_RSS_20 : FEED_CDF;
}

static enum feed_format sitemap_format(const struct tag *tag, const struct attrs *attrs)
{
	(void)tag;
	(void)attrs;
	return FEED_SITEMAP;
}

static const struct root {
	struct str name;
	uint32_t ns_mask;
	root_format_f *format;
	enum ns none_ns;
	bool is_element; /* it is also an element of the table, with a start of its own */
} roots[] = {
	{ STR("rss"), ~0u, rss_format, NS_NONE, false },
	{ STR("feed"), 1u << NS_OTHER, atom_format, NS_ATOM, false },
	{ STR("rdf"), 1u << NS_RDF | 1u << NS_NONE, rdf_format, NS_NONE, false },
	{ STR("feed"), 1u << NS_ATOM | 1u << NS_NONE, atom_format, NS_ATOM, false },
	{ STR("entry"), 1u << NS_ATOM, atom_format, NS_ATOM, true },
	{ STR("channel"), 1u << NS_NONE, cdf_format, NS_NONE, true },
	{ STR("urlset"), 1u << NS_SITEMAP | 1u << NS_NONE, sitemap_format, NS_SITEMAP, false },
	{ STR("sitemapindex"), 1u << NS_SITEMAP | 1u << NS_NONE, sitemap_format, NS_SITEMAP, false },
};

static const struct root *root_find(const struct tag *tag)
{
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		if (str_eq_nocase(tag->local, roots[i].name) && (roots[i].ns_mask & 1u << tag->ns))
			return &roots[i];
	return NULL;
}

enum root_kind root_recognise(struct build *b, const struct tag *tag, const struct attrs *attrs)
{
	const struct root *root = root_find(tag);
	if (!root)
		return ROOT_NONE;
	b->meta->format = root->format(tag, attrs);
	b->none_ns = root->none_ns;
	if (tag->ns == NS_OTHER)
		b->own_uri = arena_str(b->arena, tag->uri);
	return root->is_element ? ROOT_ELEMENT : ROOT_SHELL;
}
