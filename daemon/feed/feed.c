/* feed: the order of the work: charset, prolog, the strict parser, the repairing parser where it refuses; what the outcome is called. */
#include "daemon/feed/feed.h"

#include "daemon/base/clock.h"
#include "daemon/base/date.h"
#include "daemon/feed/source_priv.h"

#include <libxml/parser.h>
#include <stdio.h>

static const char *const format_names[] = {
	[FEED_UNKNOWN] = "unknown",
	[FEED_RSS_090] = "rss090",
	[FEED_RSS_091] = "rss091",
	[FEED_RSS_091N] = "rss091n",
	[FEED_RSS_092] = "rss092",
	[FEED_RSS_093] = "rss093",
	[FEED_RSS_094] = "rss094",
	[FEED_RSS_10] = "rss10",
	[FEED_RSS_20] = "rss20",
	[FEED_ATOM_03] = "atom03",
	[FEED_ATOM_10] = "atom10",
	[FEED_JSON_10] = "json10",
	[FEED_JSON_11] = "json11",
	[FEED_CDF] = "cdf",
	[FEED_SITEMAP] = "sitemap",
};
_Static_assert(ARRAY_LEN(format_names) == FEED_FORMATS, "a name for each format");

const char *feed_format_name(enum feed_format f)
{
	return f < FEED_FORMATS ? format_names[f] : "unknown";
}

void feed_init(void)
{
	xmlInitParser();
	elements_init();
}

static bool over_budget(const struct feed_input *in, struct err *e)
{
	return err_set(
	    e, ERR_LIMIT, 0, "the feed took more than %lld ms of CPU time", (long long)in->cpu_budget_ms);
}

static void set_error(struct feed_meta *m, const char *text)
{
	m->recovered = true;
	if (m->error[0] == '\0')
		snprintf(m->error, sizeof(m->error), "%s", text);
}

/* The XML text is read by one or both parsers. */
static bool parse_xml(
    const struct feed_input *in, struct str text, const struct prolog *p, struct build *b, struct err *e)
{
	int64_t deadline = in->cpu_budget_ms > 0 ? clock_cpu_ms() + in->cpu_budget_ms : 0;
	struct str body = str_skip(text, p->start);
	enum strict_result r = p->subset.n > 0 ? STRICT_REFUSED : strict_parse(body, b, deadline);
	if (r == STRICT_NOMEM || b->nomem)
		return err_nomem(e);
	if (r == STRICT_BUDGET)
		return over_budget(in, e);
	if (r == STRICT_REFUSED && !b->limit && !b->wrong_root.p) {
		build_restart(b);
		if (!repair_parse(body, p->subset, b, deadline))
			return over_budget(in, e);
		if (p->subset.n == 0 || b->meta->error[0] != '\0')
			set_error(b->meta, "not well-formed");
	} else {
		b->meta->error_line = 0;
	}
	if (p->junk)
		set_error(b->meta, "something stands before the root element");
	b->meta->complete = b->root_done;
	return true;
}

static bool outcome(struct build *b, struct err *e)
{
	if (b->limit)
		return err_set(e, ERR_LIMIT, 0, "more than %u items", FEED_ITEMS_MAX);
	if (b->wrong_root.p)
		return err_set(e, ERR_PARSE, 0, "no feed: the root element is <%.*s>",
		    (int)(b->wrong_root.n < 60 ? b->wrong_root.n : 60), b->wrong_root.p);
	if (!b->root_seen)
		return err_set(e, ERR_PARSE, 0, "no feed: no element at all");
	build_finish(b);
	if (b->cut)
		set_error(b->meta, "text was cut at its limit");
	return b->nomem ? err_nomem(e) : true;
}

/* RSS 0.90 has the root element of 1.0; its namespace tells. */
static bool is_rss_090(struct str root)
{
	size_t end = str_find_byte(root, '>', 0);
	return str_find(str_of(root.p, end < FEED_TAG_MAX ? end : 0), STR("netscape.com/rdf/simple"), 0) !=
	       SIZE_MAX;
}

static bool parse_text(const struct feed_input *in, struct str text, struct build *b, struct err *e)
{
	struct prolog p;
	prolog_read(text, &p);
	switch (p.kind) {
	case PROLOG_NOTHING:
		return err_set(
		    e, ERR_PARSE, 0, text.n == 0 ? "no feed: empty" : "no feed: neither XML nor JSON");
	case PROLOG_HTML:
		return err_set(e, ERR_PARSE, 0, "no feed: a page of HTML");
	case PROLOG_JSON:
		return json_in_parse(str_skip(text, p.start), b, e);
	case PROLOG_XML:
		break;
	}
	if (!parse_xml(in, text, &p, b, e))
		return false;
	if (b->meta->format == FEED_RSS_091 && str_find_nocase(p.doctype, STR("netscape"), 0) != SIZE_MAX)
		b->meta->format = FEED_RSS_091N;
	if (b->meta->format == FEED_RSS_10 && is_rss_090(str_skip(text, p.start)))
		b->meta->format = FEED_RSS_090;
	return outcome(b, e);
}

bool feed_parse(const struct feed_input *in, feed_item_f *sink, void *ctx, struct arena *arena,
    struct feed_meta *meta, struct err *e)
{
	struct build b;
	struct buf space;
	struct decoded d;
	bool ok = false;
	*meta = (struct feed_meta){
		.ttl_ms = -1, .published = { .ms = DATE_NONE }, .modified = { .ms = DATE_NONE }
	};
	if (!build_init(&b, in, sink, ctx, arena, meta))
		return err_nomem(e);
	if (!charset_decode(in, &space, &d, e))
		goto out;
	meta->encoding = str_from(d.name);
	if (d.lossy)
		set_error(meta, "bytes that mean nothing in the encoding");
	ok = parse_text(in, d.text, &b, e);
	if (ok && (d.lossy || d.relabelled))
		meta->recovered = true;
out:
	buf_fini(&space);
	build_fini(&b);
	return ok;
}
