/*
 * coverage: from lines to holes. A document that was read to its end and is tied to the one before it tells that everything that the feed listed
 * between the two was seen, whatever failed meanwhile. A document that was not waits for the next one that was.
 */
#include "daemon/pipe/coverage.h"

#include "daemon/base/member.h"
#include "daemon/pipe/tie.h"

#include <stdio.h>

#define HOLES_MAX ((size_t)256 << 20) /* bytes of one feed's holes: about a million */
#define LATE_MIN_MS                                                                                          \
	(INT64_C(15) * 60 * 1000) /* a poll this late has waited for something else than its turn */

const struct hole_name hole_names[HOLES] = {
	[HOLE_FAILED] = { "failed", "no document was got", "polls" },
	[HOLE_UNASKED] = { "unasked", "the feed was not asked when it was due", NULL },
	[HOLE_BEGIN] = { "begin", "nothing is known of the feed from before", NULL },
	[HOLE_FIRST] = { "first", "what was known of the feed is lost; the window begins anew", NULL },
	[HOLE_GAP] = { "gap", "the window before is gone: items may have come and been pushed out",
	    "archive_pages" },
	[HOLE_MOVED] = { "moved", "the feed has another address since: not comparable", NULL },
	[HOLE_AFTER_EMPTY] = { "after_empty", "the document before listed nothing to compare with", NULL },
	[HOLE_UNTIED] = { "untied", "the ledger does not say what the document is tied to", NULL },
	[HOLE_CUT] = { "cut", "the document broke off before anything known", NULL },
	[HOLE_INCOMPLETE] = { "incomplete", "the document was not seen to its end", NULL },
	[HOLE_LEFT] = { "left", "news of the document was left unread", "items" },
	[HOLE_END] = { "end", "no document was read to its end", NULL },
};

struct line {
	int64_t at, next, gap_at;
	enum tie tie;
	bool archive, pushed, waiting, read, unchanged, incomplete, recovered, whole;
	uint64_t left;
	struct str end, kind, error;
};

static int64_t time_of(const json_t *line, const char *name)
{
	int64_t ms;

	return date_parse_rfc3339(member(line, name), &ms) ? ms : DATE_NONE;
}

static struct line line_of(const json_t *line)
{
	struct str result = member(line, "result");
	json_int_t left = json_integer_value(json_object_get(line, "left"));

	return (struct line){
		.at = time_of(line, "at"),
		.next = time_of(line, "next"),
		.gap_at = time_of(line, "gap_at"),
		.tie = tie_from(member(line, "tie")),
		.pushed = json_is_true(json_object_get(line, "pushed")),
		.archive = json_object_get(line, "archive") != NULL,
		.waiting = str_eq(result, STR("waiting")),
		.read = str_eq(result, STR("ok")) || str_eq(result, STR("unchanged")),
		.unchanged = str_eq(result, STR("unchanged")),
		.incomplete = json_is_true(json_object_get(line, "incomplete")),
		.recovered = json_is_true(json_object_get(line, "recovered")),
		.whole = json_is_true(json_object_get(line, "whole")),
		.left = left > 0 ? (uint64_t)left : 0,
		.end = member(line, "archive_end"),
		.kind = member(line, "kind"),
		.error = member(line, "error"),
	};
}

void covered_init(struct covered *c, const char *name)
{
	*c = (struct covered){
		.name = name,
		.proven_from = DATE_NONE,
		.whole_at = DATE_NONE,
		.document_at = DATE_NONE,
		.longest_from = DATE_NONE,
		.first_at = DATE_NONE,
		.poll_at = DATE_NONE,
		.next = DATE_NONE,
	};
	buf_init(&c->holes, HOLES_MAX);
}

void covered_fini(struct covered *c)
{
	buf_fini(&c->holes);
}

/* Its place, counted from 1; 0: memory, which is told at the end. */
static size_t add_hole(struct covered *c, enum hole_kind kind, bool open, int64_t from, int64_t to)
{
	struct hole h = { .kind = kind, .open = open, .from = from, .to = to };

	buf_add(&c->holes, &h, sizeof(h));
	return c->holes.failed ? 0 : covered_holes(c);
}

static struct hole *hole_at(const struct covered *c, size_t place)
{
	return place && !c->holes.failed ? covered_hole(c, place - 1) : NULL;
}

static void close_hole(const struct covered *c, size_t *place, int64_t at)
{
	struct hole *h = hole_at(c, *place);

	if (h) {
		h->open = false;
		h->to = at;
	}
	*place = 0;
}

/* When the last document was read to its end, or when the looking began. */
static int64_t whole_since(const struct covered *c, const struct span *span)
{
	if (c->whole_at != DATE_NONE)
		return c->whole_at;
	return span->since == DATE_NONE ? c->first_at : span->since;
}

/* What a document that was asked for without validators is not tied to may have been gone for as long as there were only 304s. */
static int64_t untied_since(const struct covered *c, const struct span *span, const struct line *l)
{
	return l->whole && c->document_at != DATE_NONE ? c->document_at : whole_since(c, span);
}

static void note_time_without(struct covered *c, const struct span *span, int64_t to)
{
	int64_t from = whole_since(c, span);

	if (from == DATE_NONE || to - from <= c->longest)
		return;
	c->longest = to - from;
	c->longest_from = from;
}

/* What was planned is DATE_NONE before the first line: then the feed should have been asked since the interval began. */
static bool note_pause(struct covered *c, const struct span *span, int64_t to, int64_t pause)
{
	int64_t from = c->next == DATE_NONE || c->next < span->since ? span->since : c->next;

	if (from == DATE_NONE || to - from <= (pause > LATE_MIN_MS ? pause : LATE_MIN_MS))
		return false;
	add_hole(c, HOLE_UNASKED, false, from, to);
	return true;
}

static void on_failure(struct covered *c, const struct line *l)
{
	struct hole *h;

	if (!c->failing)
		c->failing = add_hole(c, HOLE_FAILED, false, l->at, COVERAGE_GOES_ON);
	h = hole_at(c, c->failing);
	if (!h)
		return;
	h->n++;
	snprintf(h->why, sizeof(h->why), "%.*s: %.*s", STR_ARG(l->kind), STR_ARG(l->error));
}

static enum hole_kind kind_of(enum tie t)
{
	static const enum hole_kind kinds[TIES + 1] = {
		[TIE_NOTHING_READ] = HOLE_UNTIED,
		[TIE_FIRST] = HOLE_FIRST,
		[TIE_AFTER_EMPTY] = HOLE_AFTER_EMPTY,
		[TIE_MOVED] = HOLE_MOVED,
		[TIE_CUT] = HOLE_CUT,
		[TIE_GAP] = HOLE_GAP,
		[TIES] = HOLE_UNTIED,
	};

	return kinds[t];
}

/* The first of the interval: what it is tied to lies before it. */
static void begin(struct covered *c, const struct span *span, const struct line *l)
{
	if (span->since == DATE_NONE) {
		c->proven_from = l->at;
		return;
	}
	if (!span->reaches || l->tie == TIE_FIRST) {
		c->proven_from = l->at;
		add_hole(c, HOLE_BEGIN, true, span->since, l->at);
		return;
	}
	c->proven_from = span->since;
	if (!tie_holds(l->tie))
		add_hole(c, kind_of(l->tie), true, span->since, l->at);
}

static void compare_with_before(struct covered *c, const struct span *span, const struct line *l)
{
	if (!c->listed)
		begin(c, span, l);
	else if (!tie_holds(l->tie))
		add_hole(c, kind_of(l->tie), true, untied_since(c, span, l), l->at);
	c->listed = true;
}

static void note_left(struct covered *c, const struct line *l)
{
	struct hole *h;

	if (!c->left)
		c->left = add_hole(c, HOLE_LEFT, true, l->at, COVERAGE_GOES_ON);
	h = hole_at(c, c->left);
	if (h)
		h->n = l->left;
}

static void on_document(struct covered *c, const struct span *span, const struct line *l)
{
	c->answered++;
	c->recovered += l->recovered;
	if (c->failing)
		close_hole(c, &c->failing, l->at);
	if (l->incomplete) {
		if (!c->torn)
			c->torn = add_hole(
			    c, l->tie == TIE_CUT ? HOLE_CUT : HOLE_INCOMPLETE, true, l->at, COVERAGE_GOES_ON);
		return;
	}
	close_hole(c, &c->torn, l->at);
	compare_with_before(c, span, l);
	if (l->left)
		note_left(c, l);
	else if (!l->unchanged) /* one that is as it was has left what it left */
		close_hole(c, &c->left, l->at);
	if (c->left)
		return;
	note_time_without(c, span, l->at);
	c->whole_at = l->at;
	if (l->tie != TIE_NOT_MODIFIED)
		c->document_at = l->at;
}

/* A way that goes on when the next gap is found closes both; each gap that it was begun for has had a page of its own. */
static void on_page(struct covered *c, const struct line *l)
{
	for (size_t i = 0; i < covered_holes(c); i++) {
		struct hole *h = covered_hole(c, i);

		if (h->kind != HOLE_GAP || h->walk_over)
			continue;
		h->walked = h->walked || h->to == l->gap_at;
		if (!h->walked)
			continue;
		h->n++;
		h->walk_over = l->end.n > 0;
		h->open = !(h->walk_over && tie_holds(l->tie));
		snprintf(h->why, sizeof(h->why), "%.*s", STR_ARG(l->end));
	}
}

/* What was listed before the interval ended is still listed, or in the log. */
static void after(struct covered *c, const struct line *l)
{
	if (l->archive) {
		on_page(c, l);
		return;
	}
	if (c->settled || !l->read || l->incomplete)
		return;
	c->settled = !tie_holds(l->tie);
	if (c->settled)
		return;
	close_hole(c, &c->torn, l->at);
	if (l->left || (l->unchanged && c->left))
		return;
	close_hole(c, &c->left, l->at);
	c->settled = true;
	c->tied_after = c->whole_at != DATE_NONE;
}

static void inside(struct covered *c, const struct span *span, const struct line *l)
{
	c->first_at = c->first_at == DATE_NONE ? l->at : c->first_at;
	note_pause(c, span, l->at, c->next == DATE_NONE ? l->next - l->at : c->pause);
	if (l->archive) {
		c->pages++;
		on_page(c, l);
		return;
	}
	if (l->waiting) /* the next line says how that ended */
		return;
	c->polls++;
	c->poll_at = l->at;
	if (l->read)
		on_document(c, span, l);
	else
		on_failure(c, l);
}

void covered_line(struct covered *c, const struct span *span, const json_t *line)
{
	struct line l = line_of(line);

	if (l.at == DATE_NONE || l.next == DATE_NONE ||
	    l.pushed) /* what a hub sent proves nothing of the feed */
		return;
	if (l.at >= span->until) {
		after(c, &l);
		return;
	}
	if (l.at >= span->since)
		inside(c, span, &l);
	c->next = l.next;
	c->pause = l.next - l.at;
}

/* The last document tells of the time until it was read; whether the rest of the interval is only a pause between two polls is asked here. */
bool covered_end(struct covered *c, const struct span *span, struct err *e)
{
	bool unasked = note_pause(c, span, span->until, c->next == DATE_NONE ? 0 : c->pause);
	bool stale = c->whole_at == DATE_NONE || c->poll_at > c->whole_at || unasked;

	if (!c->tied_after)
		note_time_without(c, span, span->until);
	if (!c->tied_after && stale && !c->torn && !c->left)
		add_hole(c, HOLE_END, true, whole_since(c, span), span->until);
	return !c->holes.failed || err_nomem(e);
}

uint64_t covered_open(const struct covered *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < covered_holes(c); i++)
		n += covered_hole(c, i)->open;
	return n;
}

int64_t covered_to(const struct covered *c, const struct span *span)
{
	return c->tied_after ? span->until : c->whole_at;
}
