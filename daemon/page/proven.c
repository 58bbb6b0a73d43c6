/*
 * proven: the ledger is read backwards and told forwards. Where older lines are left out, the oldest that was read counts as what came before the interval, so
 * that nothing is called unknown that only was not looked at.
 */
#include "daemon/page/proven.h"

#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "daemon/page/lines.h"
#include "daemon/page/markup.h"
#include "daemon/page/page_priv.h"
#include "daemon/pipe/storage.h"
#include "daemon/store/reader.h"

#define KEPT_BYTES (8u << 20) /* of the feed's lines */
#define HOLES_SHOWN 10u

struct kept {
	struct str feed;
	struct buf text; /* the lines, one behind the other, the newest first */
	struct buf ends; /* size_t: where each ends */
	int64_t oldest; /* wall ms */
	bool cut;
};

static lines_f on_line;
static bool on_line(void *ctx, uint64_t seq, struct str line)
{
	struct kept *k = ctx;

	(void)seq;
	if (str_find(line, k->feed, 0) == SIZE_MAX)
		return true;
	if (line.n > KEPT_BYTES - k->text.n) {
		k->cut = true;
		return false;
	}
	buf_str(&k->text, line);
	buf_add(&k->ends, &k->text.n, sizeof(k->text.n));
	if (reader_line_time(line) != INT64_MIN)
		k->oldest = reader_line_time(line);
	return !k->text.failed && !k->ends.failed;
}

static size_t end_of(const struct kept *k, size_t i)
{
	size_t end;

	memcpy(&end, k->ends.p + i * sizeof(end), sizeof(end));
	return end;
}

static void tell(const struct kept *k, struct proven *p)
{
	for (size_t i = k->ends.n / sizeof(size_t); i-- > 0;) {
		size_t from = i ? end_of(k, i - 1) : 0;
		json_t *line = json_loadb(k->text.p + from, end_of(k, i) - from, 0, NULL);

		if (str_eq(member(line, "feed"), k->feed))
			covered_line(&p->covered, &p->span, line);
		json_decref(line);
	}
}

bool proven_read(const struct page_source *source, const char *feed, struct proven *out)
{
	struct err ignored = { .kind = ERR_NONE };
	struct kept k = { .feed = str_from(feed), .oldest = DATE_NONE };
	uint64_t older = 0;
	bool ok;

	buf_init(&k.text, KEPT_BYTES);
	buf_init(&k.ends, KEPT_BYTES);
	(void)lines_back(source, STORE_POLLS, 0, PAGE_LOOK_BACK, on_line, &k, &older);
	out->span = (struct span){ .since = DATE_NONE, .until = source->now };
	if ((older || k.cut) && k.oldest != DATE_NONE)
		out->span = (struct span){ k.oldest + 1, source->now, true };
	covered_init(&out->covered, feed);
	tell(&k, out);
	ok = !k.text.failed && !k.ends.failed && k.ends.n && covered_end(&out->covered, &out->span, &ignored);
	buf_fini(&k.text);
	buf_fini(&k.ends);
	if (!ok)
		proven_fini(out);
	return ok;
}

void proven_fini(struct proven *p)
{
	covered_fini(&p->covered);
}

static void write_hole(struct buf *b, const struct hole *h, int64_t now)
{
	buf_fmt(b, "<li>%s: ", hole_names[h->kind].text);
	if (h->from != DATE_NONE)
		markup_moment(b, h->from, now);
	buf_str(b, h->to == COVERAGE_GOES_ON ? STR(" and on") : STR(" until "));
	if (h->to != COVERAGE_GOES_ON)
		markup_moment(b, h->to, now);
	buf_byte(b, '\n');
}

static void write_open(struct buf *b, const struct covered *c, int64_t now)
{
	unsigned shown = 0;

	for (size_t i = covered_holes(c); i-- > 0 && shown < HOLES_SHOWN;) {
		if (!covered_hole(c, i)->open)
			continue;
		buf_str(b, shown++ ? STR("") : STR("<ul>\n"));
		write_hole(b, covered_hole(c, i), now);
	}
	buf_str(b, shown ? STR("</ul>\n") : STR(""));
}

void proven_html(struct buf *b, const struct proven *p, int64_t now)
{
	const struct covered *c = &p->covered;
	uint64_t open = covered_open(c);

	buf_str(b, STR("<h2>Coverage</h2>\n<p>"));
	if (c->whole_at == DATE_NONE)
		buf_str(
		    b, STR("<span class=\"bad\">Nothing is proven</span>: no document was read to its end"));
	else if (open)
		buf_fmt(b, "<span class=\"bad\">Items may have come and gone unseen</span> at %llu %s",
		    (unsigned long long)open, open == 1 ? "place" : "places");
	else
		buf_str(b, STR("<span class=\"good\">The window never broke</span>: all that it listed is in "
		               "the log"));
	if (c->whole_at != DATE_NONE) {
		buf_str(b, STR(", from "));
		markup_moment(b, c->proven_from, now);
		buf_str(b, STR(" to "));
		markup_moment(b, covered_to(c, &p->span), now);
	}
	buf_fmt(b, "; %llu of %llu polls brought an answer.</p>\n", (unsigned long long)c->answered,
	    (unsigned long long)c->polls);
	write_open(b, c, now);
	buf_str(b, STR("<p class=\"soft\">By the newest lines of the ledger, as they stand: <code>gazettectl "
	               "coverage</code> reads all of it and checks "
	               "its chain.</p>\n"));
}

static void write_time(struct json *w, const char *name, int64_t ms)
{
	char text[DATE_TEXT_MAX];

	if (ms != DATE_NONE)
		json_key_string(w, name, str_of(text, date_format_ms(ms, text)));
}

/* Names as in `gazettectl coverage --json`. */
void proven_json(struct buf *b, const struct proven *p)
{
	const struct covered *c = &p->covered;
	bool known = c->whole_at != DATE_NONE;
	struct json w;

	json_init(&w, b);
	json_open_object(&w);
	json_key(&w, "unbroken");
	json_bool(&w, known && covered_open(c) == 0);
	write_time(&w, "proven_from", known ? c->proven_from : DATE_NONE);
	write_time(&w, "proven_to", known ? covered_to(c, &p->span) : DATE_NONE);
	json_key_int(&w, "polls", (int64_t)c->polls);
	json_key_int(&w, "answered", (int64_t)c->answered);
	json_key_int(&w, "open", (int64_t)covered_open(c));
	json_close_object(&w);
}
