/* feed: the order of the work: charset, prolog, the strict parser, the repairing parser where it refuses; what the outcome is called. */
#include "daemon/feed/feed.h"

#include "daemon/base/clock.h"
#include "daemon/base/date.h"
#include "daemon/feed/charset_priv.h"
#include "daemon/feed/memory_priv.h"
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

/* libxml2 must not write to the terminal, whatever happens. */
static void say_nothing(void *ctx, const char *text, ...)
{
	(void)ctx;
	(void)text;
}

void feed_init(void)
{
	static bool ready;
	if (ready)
		return;
	ready = true;
	memory_init();
	xmlSetGenericErrorFunc(NULL, say_nothing);
	xmlInitParser();
	elements_init();
}

void feed_init_for_sandbox(void)
{
	feed_init();
	charset_load_all();
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

struct work {
	const struct feed_input *in;
	struct build b;
	struct str text;
	struct prolog prolog;
	int64_t deadline_ms; /* of CPU time; 0: none */
};

/* True: the strict parser has read it all. False with e: no use to go on; without: the repairing parser may. */
static bool try_strict(struct work *w, struct err *e)
{
	if (w->prolog.kind != PROLOG_XML || w->prolog.subset.n > 0)
		return false;
	switch (strict_parse(str_skip(w->text, w->prolog.start), &w->b, w->deadline_ms)) {
	case STRICT_DONE:
		w->b.meta->error_line = 0;
		return !w->b.nomem || err_nomem(e);
	case STRICT_NOMEM:
		return err_nomem(e);
	case STRICT_BUDGET:
		return over_budget(w->in, e);
	case STRICT_REFUSED:
		break;
	}
	return w->b.nomem ? err_nomem(e) : false;
}

static bool repair(struct work *w, struct err *e)
{
	build_restart(&w->b);
	if (!repair_parse(str_skip(w->text, w->prolog.start), w->prolog.subset, &w->b, w->deadline_ms))
		return over_budget(w->in, e);
	if (w->prolog.subset.n == 0 || w->b.meta->error[0] != '\0')
		set_error(w->b.meta, "not well-formed");
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

static void refine_format(const struct work *w)
{
	struct feed_meta *m = w->b.meta;
	if (m->format == FEED_RSS_091 && str_find_nocase(w->prolog.doctype, STR("netscape"), 0) != SIZE_MAX)
		m->format = FEED_RSS_091N;
	if (m->format == FEED_RSS_10 && is_rss_090(str_skip(w->text, w->prolog.start)))
		m->format = FEED_RSS_090;
}

static bool finish_xml(struct work *w, struct err *e)
{
	if (w->prolog.junk)
		set_error(w->b.meta, "something stands before the root element");
	w->b.meta->complete = w->b.root_done;
	refine_format(w);
	return outcome(&w->b, e);
}

static bool no_feed(const struct work *w, struct err *e)
{
	if (w->prolog.kind == PROLOG_HTML)
		return err_set(e, ERR_PARSE, 0, "no feed: a page of HTML");
	return err_set(e, ERR_PARSE, 0, w->text.n == 0 ? "no feed: empty" : "no feed: neither XML nor JSON");
}

/* A fault that no repair helps against. */
static bool is_final(const struct work *w, const struct err *e)
{
	return e->kind != ERR_NONE || w->b.limit || w->b.wrong_root.p;
}

/* Of text that is sure to be UTF-8. `tried`: the strict parser has refused it before. */
static bool parse_whole(struct work *w, bool tried, struct err *e)
{
	if (w->prolog.kind == PROLOG_JSON)
		return json_in_parse(str_skip(w->text, w->prolog.start), &w->b, e);
	if (w->prolog.kind != PROLOG_XML)
		return no_feed(w, e);
	if (!tried)
		build_restart(&w->b);
	if (!(!tried && try_strict(w, e)) && !is_final(w, e) && !repair(w, e))
		return false;
	return e->kind == ERR_NONE && finish_xml(w, e);
}

/* The bytes are no UTF-8 that the strict parser likes: find out what they are, and read them again. */
static bool parse_decoded(struct work *w, bool tried, struct err *e)
{
	struct buf space;
	struct decoded d;
	struct feed_meta *m = w->b.meta;
	bool ok = charset_decode(w->in, &space, &d, e);
	if (!ok)
		goto out;
	tried = tried && d.text.p == w->text.p;
	w->text = d.text;
	m->encoding = arena_str(w->b.arena, str_from(d.name));
	m->recovered = d.relabelled;
	if (d.lossy)
		set_error(m, "bytes that mean nothing in the encoding");
	if (!tried)
		prolog_read(w->text, &w->prolog);
	ok = parse_whole(w, tried, e);
out:
	buf_fini(&space);
	return ok;
}

bool feed_parse(const struct feed_input *in, feed_item_f *sink, void *ctx, struct arena *arena,
    struct feed_meta *meta, struct err *e)
{
	struct work w = { .in = in, .text = charset_presumed(in->body) };
	struct err none = { .kind = ERR_NONE };
	e = e ? e : &none;
	*meta = (struct feed_meta){
		.ttl_ms = -1, .published = { .ms = DATE_NONE }, .modified = { .ms = DATE_NONE }
	};
	w.deadline_ms = in->cpu_budget_ms > 0 ? clock_cpu_ms() + in->cpu_budget_ms : 0;
	if (!build_init(&w.b, in, sink, ctx, arena, meta))
		return err_nomem(e);
	bool ok = false, tried = false;
	if (w.text.p) {
		meta->encoding = STR("UTF-8");
		prolog_read(w.text, &w.prolog);
		tried = w.prolog.kind == PROLOG_XML;
		ok = tried && try_strict(&w, e);
	}
	if (ok || (tried && is_final(&w, e)))
		ok = e->kind == ERR_NONE && finish_xml(&w, e);
	else
		ok = parse_decoded(&w, tried, e);
	build_fini(&w.b);
	return ok;
}
