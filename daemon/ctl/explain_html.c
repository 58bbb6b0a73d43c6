/* explain_html: titles and texts with their words marked, topic by topic. Everything of a text goes through put(). */
#include "daemon/ctl/explain_html.h"

#include "daemon/base/utf8.h"
#include "daemon/ctl/evidence.h"

#define ESCAPED_MAX 65536 /* bytes of one piece of text, made harmless */
#define HEADING_MAX 200 /* bytes of a title, an identity or the name of a topic, as on a terminal */
#define WORDS_MAX 400 /* bytes of words that counted: two ends of half of it */
#define BETWEEN_MAX 8000 /* bytes of what stands between them: two ends of half of it; releases are whole */

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>gazettectl explain</title>\n<style>\n"
    ":root { color-scheme: light dark; --for: #c8f0cf; --against: #ffd3d0; --line: #ccc; --dim: #666; }\n"
    "@media (prefers-color-scheme: dark) { :root { --for: #1f5c2c; --against: #7a2a26; --line: #555; --dim: "
    "#aaa; } }\n"
    "body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }\n"
    "article { border-bottom: 2px solid var(--line); } .dim { color: var(--dim); }\n"
    "mark { color: inherit; background: var(--for); } mark.against { background: var(--against); }\n"
    ".text { white-space: pre-wrap; overflow-wrap: anywhere; } summary { cursor: pointer; }\n"
    "table { border-collapse: collapse; } td { padding: 0 1em 0 0; vertical-align: top; }\n"
    "td.n { text-align: right; font-variant-numeric: tabular-nums; }\n"
    "</style>\n</head>\n<body>\n";

static void put_raw(struct printer *p, const char *literal)
{
	buf_str(&p->out, str_from(literal));
}

static void put_byte(struct printer *p, char c)
{
	switch (c) {
	case '&':
		put_raw(p, "&amp;");
		break;
	case '<':
		put_raw(p, "&lt;");
		break;
	case '>':
		put_raw(p, "&gt;");
		break;
	case '"':
		put_raw(p, "&quot;");
		break;
	case '\'':
		put_raw(p, "&#39;");
		break;
	default:
		buf_byte(&p->out, c);
	}
}

/* What a terminal must not get, a page need not: controls and what overrides the direction become visible; lines stay. */
static void put(struct printer *p, struct str s)
{
	struct buf safe;
	buf_init(&safe, ESCAPED_MAX);
	for (bool more = s.n > 0; more;) {
		utf8_for_terminal(str_cut(&s, '\n'), &safe);
		more = s.p != NULL;
		if (more)
			buf_byte(&safe, '\n');
	}
	for (size_t i = 0; i < safe.n; i++)
		put_byte(p, safe.p[i]);
	if (safe.failed)
		p->out.failed = true;
	buf_fini(&safe);
}

/* So many bytes of its beginning and of its end; when that is not all of it, how much stands between them. */
static void put_ends(struct printer *p, struct str s, size_t first, size_t last)
{
	if (s.n <= first + last) {
		put(p, s);
		return;
	}
	struct str start = utf8_cut(s, first), tail = utf8_tail(s, last);
	put(p, start);
	print_fmt(p, "<span class=\"dim\">… %zu bytes left out%s</span>", s.n - start.n - tail.n,
	    tail.n > 0 ? " …" : "");
	put(p, tail);
}

struct span { /* words that counted; those that overlap are one */
	size_t start, end;
	double weight;
};

static size_t spans_of(const struct cls_result *r, enum cls_field field, size_t n, struct span *out)
{
	size_t count = 0;
	for (size_t i = 0; i < r->evidence_count; i++) {
		const struct cls_evidence *e = &r->evidence[i];
		if (e->field != field || e->start >= n)
			continue;
		struct span s = { e->start, e->length < n - e->start ? e->start + e->length : n, e->weight };
		size_t at = count++;
		for (; at > 0 && out[at - 1].start > s.start; at--)
			out[at] = out[at - 1];
		out[at] = s;
	}
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		struct span *last = kept > 0 ? &out[kept - 1] : NULL;
		if (!last || out[i].start >= last->end) {
			out[kept++] = out[i];
			continue;
		}
		last->end = out[i].end > last->end ? out[i].end : last->end;
		last->weight += out[i].weight;
	}
	return kept;
}

static void put_marked(struct printer *p, struct str field, const struct cls_result *r, enum cls_field which)
{
	struct span spans[CLS_EVIDENCE_MAX];
	size_t count = spans_of(r, which, field.n, spans), at = 0;
	for (size_t i = 0; i < count; i++) {
		put_ends(p, str_of(field.p + at, spans[i].start - at), BETWEEN_MAX / 2, BETWEEN_MAX / 2);
		print_fmt(p, "<mark%s title=\"%+.2f\">", spans[i].weight < 0 ? " class=\"against\"" : "",
		    spans[i].weight);
		put_ends(p, str_of(field.p + spans[i].start, spans[i].end - spans[i].start), WORDS_MAX / 2,
		    WORDS_MAX / 2);
		put_raw(p, "</mark>");
		at = spans[i].end;
	}
	put_ends(p, str_skip(field, at), BETWEEN_MAX / 2, BETWEEN_MAX / 2);
}

static void put_evidence(struct printer *p, const struct text *t, const struct cls_evidence *e)
{
	print_fmt(p, "<tr><td class=\"n\">%+.2f</td><td>%s", e->weight, cls_by_name(e->by));
	if (e->line > 0)
		print_fmt(p, " (line %d)", e->line);
	print_fmt(p, "</td><td>%s</td><td><bdi>", e->field == CLS_FIELD_TITLE ? "title" : "text");
	put_ends(p, evidence_words(t->title, t->text, e), WORDS_MAX / 2, WORDS_MAX / 2);
	put_raw(p, "</bdi></td></tr>\n");
}

static void put_flip(
    struct printer *p, const struct text *t, const struct cls_topic *topic, const struct cls_result *r)
{
	const struct cls_evidence *pieces[CLS_EVIDENCE_MAX];
	size_t n = evidence_flip(topic, r, pieces);
	if (n == 0)
		return;
	print_fmt(p, "<p>%s without ", r->decision == CLS_MATCH ? "No match" : "A match");
	for (size_t i = 0; i < n; i++) {
		put_raw(p, i > 0 ? " + <bdi>" : "<bdi>");
		put_ends(p, evidence_words(t->title, t->text, pieces[i]), WORDS_MAX / 2, WORDS_MAX / 2);
		put_raw(p, "</bdi>");
	}
	put_raw(p, "</p>\n");
}

static void put_topic(struct judging *j, const struct text *t, const struct cls_result *r)
{
	const struct cls_topic *topic = cls_topic(j->judge.classifier, r->topic);
	struct printer *p = &j->out;
	print_fmt(p, "<details%s>\n<summary><b>", r->decision == CLS_NONE ? "" : " open");
	put_ends(p, str_from(topic->title && topic->title[0] ? topic->title : topic->name), HEADING_MAX, 0);
	print_fmt(p,
	    "</b>: %s, %.4f <span class=\"dim\">(review from %.2f, match from %.2f)</span></summary>\n",
	    cls_decision_name(r->decision), r->score, topic->review, topic->match);
	if (r->evidence_count == 0) {
		put_raw(p, "<p>Nothing speaks for or against this topic.</p>\n</details>\n");
		return;
	}
	put_flip(p, t, topic, r);
	put_raw(p, "<table>\n");
	for (size_t i = 0; i < r->evidence_count; i++)
		put_evidence(p, t, &r->evidence[i]);
	put_raw(p, "</table>\n<p class=\"text\" dir=\"auto\"><b>");
	put_marked(p, t->title, r, CLS_FIELD_TITLE);
	put_raw(p, "</b></p>\n<p class=\"text\" dir=\"auto\">");
	put_marked(p, t->text, r, CLS_FIELD_TEXT);
	put_raw(p, "</p>\n</details>\n");
}

void explain_html_begin(struct judging *j)
{
	put_raw(&j->out, head);
}

void explain_html_end(struct judging *j)
{
	put_raw(&j->out, "<p class=\"dim\">model ");
	put(&j->out, str_from(cls_model_id(j->judge.classifier)));
	put_raw(&j->out, "</p>\n</body>\n</html>\n");
}

void explain_html(struct judging *j, const struct text *t)
{
	struct printer *p = &j->out;
	put_raw(p, "<article>\n<h2 dir=\"auto\">");
	put_ends(p, t->title, HEADING_MAX, 0);
	put_raw(p, "</h2>\n");
	if (t->id.n > 0) {
		put_raw(p, "<p class=\"dim\"><bdi>");
		put_ends(p, t->id, HEADING_MAX, 0);
		put_raw(p, "</bdi></p>\n");
	}
	for (size_t i = 0; i < j->judge.count; i++)
		put_topic(j, t, &j->judge.results[i]);
	if (t->left_out > 0)
		print_fmt(p,
		    "<p class=\"dim\">The text ends at byte %zu: %zu bytes behind it recur at the end of the "
		    "items of its "
		    "feed.</p>\n",
		    t->text.n, t->left_out);
	put_raw(p, "</article>\n");
}
