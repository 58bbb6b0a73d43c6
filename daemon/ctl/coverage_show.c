/* coverage_show: what is proven about a feed, for people and as JSON. */
#include "daemon/ctl/coverage_show.h"
#include "daemon/base/json.h"

/* Those that are no hole in the window say nothing of open and closed. */
static bool is_note(enum hole_kind k)
{
	return k == HOLE_FAILED || k == HOLE_UNASKED;
}

static void print_time(struct printer *p, int64_t ms)
{
	char text[DATE_TEXT_MAX];

	buf_str(&p->out, str_of(text, date_format(ms, text)));
}

static void print_between(struct printer *p, int64_t from, int64_t to)
{
	if (from != DATE_NONE)
		print_time(p, from);
	print_fmt(p, from == DATE_NONE ? "until " : to == COVERAGE_GOES_ON ? " and on" : " to ");
	if (to != COVERAGE_GOES_ON)
		print_time(p, to);
}

static void print_lasted(struct printer *p, int64_t ms)
{
	int64_t minutes = ms / 60000;

	if (minutes >= 60)
		print_fmt(p, "%lldh", (long long)(minutes / 60));
	print_fmt(p, minutes >= 60 ? "%02lldm" : "%lldm", (long long)(minutes % 60));
	print_fmt(p, "%02llds", (long long)(ms / 1000 % 60));
}

static void print_walk(struct printer *p, const struct hole *h)
{
	if (!h->open)
		print_fmt(p, "; closed by %llu pages of the archive", (unsigned long long)h->n);
	else if (!h->walked)
		print_fmt(p, "; no page of the archive was read");
	else if (h->walk_over)
		print_fmt(p, "; the archive did not close it, after %llu pages: %s", (unsigned long long)h->n,
		    h->why);
	else
		print_fmt(
		    p, "; %llu pages of the archive were read, and more was to be", (unsigned long long)h->n);
}

static void print_hole(struct printer *p, const struct hole *h)
{
	print_fmt(p, "  ");
	print_styled(p, h->open ? PRINT_RED : PRINT_YELLOW, str_from(hole_names[h->kind].name));
	if (!is_note(h->kind))
		print_fmt(p, h->open ? ", open" : ", closed");
	print_fmt(p, ": ");
	print_between(p, h->from, h->to);
	print_fmt(p, ": %s", hole_names[h->kind].text);
	if (h->kind == HOLE_GAP)
		print_walk(p, h);
	else if (hole_names[h->kind].count)
		print_fmt(p, "; %s: %llu", hole_names[h->kind].count, (unsigned long long)h->n);
	if (h->kind == HOLE_FAILED) {
		print_fmt(p, ", the last: ");
		print_text(p, str_from(h->why));
	}
	print_fmt(p, "\n");
}

static void print_head(struct printer *p, const struct covered *c, const struct span *span, bool whole)
{
	uint64_t open = covered_open(c);

	print_styled(p, PRINT_CYAN, str_from(c->name));
	print_fmt(p, ": %llu of %llu polls, ", (unsigned long long)c->answered, (unsigned long long)c->polls);
	if (c->whole_at == DATE_NONE)
		print_styled(p, PRINT_RED, STR("nothing is proven"));
	else if (open == 0 && whole)
		print_styled(p, PRINT_GREEN, STR("window never broken"));
	else if (open == 0)
		print_styled(p, PRINT_RED, STR("not proven: the ledger is not whole"));
	else
		print_styled(p, PRINT_RED, STR("window broken"));
	if (open > 0 && c->whole_at != DATE_NONE)
		print_fmt(p, " at %llu %s", (unsigned long long)open, open == 1 ? "place" : "places");
	if (open > 0 && !whole)
		print_fmt(p, ", and the ledger is not whole");
	if (c->whole_at != DATE_NONE) {
		print_fmt(p, " (");
		print_between(p, c->proven_from, covered_to(c, span));
		print_fmt(p, ")");
	}
	print_fmt(p, "\n");
}

void coverage_print(struct printer *p, const struct covered *c, const struct span *span, bool whole)
{
	print_head(p, c, span, whole);
	for (size_t i = 0; i < covered_holes(c); i++)
		print_hole(p, covered_hole(c, i));
	if (c->recovered)
		print_fmt(p, "  %llu damaged documents were repaired: what was lost in them is not known\n",
		    (unsigned long long)c->recovered);
	if (covered_holes(c) == 0 || c->longest_from == DATE_NONE)
		return;
	print_fmt(p, "  longest without a whole document: ");
	print_lasted(p, c->longest);
	print_fmt(p, " from ");
	print_time(p, c->longest_from);
	print_fmt(p, "\n");
}

static void json_time(struct json *w, const char *key, int64_t ms)
{
	char text[DATE_TEXT_MAX];

	if (ms != DATE_NONE && ms != COVERAGE_GOES_ON)
		json_key_string(w, key, str_of(text, date_format_ms(ms, text)));
}

static void json_count(struct json *w, const char *key, uint64_t n)
{
	json_key(w, key);
	json_u64(w, n);
}

static void json_flag(struct json *w, const char *key, bool flag)
{
	json_key(w, key);
	json_bool(w, flag);
}

static void json_hole(struct json *w, const struct hole *h)
{
	json_open_object(w);
	json_key_string(w, "kind", str_from(hole_names[h->kind].name));
	if (!is_note(h->kind))
		json_flag(w, "open", h->open);
	json_time(w, "from", h->from);
	json_time(w, "to", h->to);
	if (hole_names[h->kind].count)
		json_count(w, hole_names[h->kind].count, h->n);
	json_key_string_opt(w, h->kind == HOLE_GAP ? "archive_end" : "error", str_from(h->why));
	json_close_object(w);
}

void coverage_json(struct printer *p, const struct covered *c, const struct span *span, bool whole)
{
	uint64_t open = covered_open(c);
	struct json w;

	json_init(&w, &p->out);
	json_open_object(&w);
	json_key_string(&w, "feed", str_from(c->name));
	json_flag(&w, "unbroken", open == 0 && whole && c->whole_at != DATE_NONE);
	json_flag(&w, "ledger_whole", whole);
	json_time(&w, "since", span->since);
	json_time(&w, "until", span->until);
	json_time(&w, "proven_from", c->whole_at == DATE_NONE ? DATE_NONE : c->proven_from);
	json_time(&w, "proven_to", covered_to(c, span));
	json_count(&w, "polls", c->polls);
	json_count(&w, "answered", c->answered);
	json_count(&w, "archive_pages", c->pages);
	json_count(&w, "repaired", c->recovered);
	json_count(&w, "open", open);
	json_key_int(&w, "longest_ms", c->longest);
	json_time(&w, "longest_from", c->longest_from);
	json_key(&w, "holes");
	json_open_array(&w);
	for (size_t i = 0; i < covered_holes(c); i++)
		json_hole(&w, covered_hole(c, i));
	json_close_array(&w);
	json_close_object(&w);
	print_fmt(p, "\n");
}
