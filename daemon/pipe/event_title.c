/* event_title: one sentence per kind. */
#include "daemon/pipe/event_title.h"

#include "daemon/pipe/events.h"

#define SECOND_MS 1000
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define SPAN_UNITS 2 /* of a unit before the smaller one is left: "40 hours", then "2 days" */

typedef void say_f(const json_t *line, struct buf *out);

static const char *text_of(const json_t *line, const char *name)
{
	const char *text = json_string_value(json_object_get(line, name));

	return text ? text : "";
}

static bool has(const json_t *line, const char *name)
{
	return json_object_get(line, name) != NULL;
}

static void add_span(const json_t *line, const char *name, struct buf *out)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = { { "days", DAY_MS }, { "hours", HOUR_MS }, { "minutes", MINUTE_MS },
		{ "seconds", SECOND_MS } };
	int64_t ms = json_integer_value(json_object_get(line, name));
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(units) && ms < SPAN_UNITS * units[i].ms)
		i++;
	buf_fmt(out, "%lld %s", (long long)(ms / units[i].ms), units[i].name);
}

static void say_down(const json_t *line, struct buf *out)
{
	buf_str(out, STR(" is down"));
	if (has(line, "lasted_ms")) {
		buf_str(out, STR(" for "));
		add_span(line, "lasted_ms", out);
	}
	buf_fmt(out, ": %s", text_of(line, has(line, "error") ? "error" : "reason"));
}

static void say_silent(const json_t *line, struct buf *out)
{
	buf_str(out, STR(" is silent: no news for "));
	add_span(line, "lasted_ms", out);
	buf_str(out, STR(", usual are "));
	add_span(line, "usual_ms", out);
}

static void say_up(const json_t *line, struct buf *out)
{
	buf_str(out, STR(" is well again"));
	if (has(line, "lasted_ms")) {
		buf_str(out, STR(" after "));
		add_span(line, "lasted_ms", out);
	}
	buf_fmt(out, ": %s", text_of(line, "reason"));
}

static void say_gap(const json_t *line, struct buf *out)
{
	buf_fmt(out, " may have had items that were not read: %s", text_of(line, "reason"));
	if (json_is_true(json_object_get(line, "archive")))
		buf_str(out, STR("; its archive is being read"));
}

static void say_false_304(const json_t *line, struct buf *out)
{
	buf_str(out, STR(" was said to be unchanged although it had changed"));
	if (has(line, "lasted_ms")) {
		buf_str(out, STR(", within "));
		add_span(line, "lasted_ms", out);
	}
}

static void say_moved(const json_t *line, struct buf *out)
{
	buf_fmt(out, " is asked at %s now: %s", text_of(line, "to"), text_of(line, "reason"));
}

static say_f *const sentences[EVENT_KINDS] = {
	[EVENT_FEED_DOWN] = say_down,
	[EVENT_FEED_SILENT] = say_silent,
	[EVENT_FEED_UP] = say_up,
	[EVENT_GAP] = say_gap,
	[EVENT_FALSE_304] = say_false_304,
	[EVENT_FEED_MOVED] = say_moved,
};

static bool find_kind(const json_t *line, enum event_kind *kind)
{
	struct str name = str_from(text_of(line, "kind"));

	for (*kind = 0; *kind < EVENT_KINDS; ++*kind)
		if (str_eq(str_from(event_kind_name(*kind)), name))
			return true;
	return false;
}

const char *event_kind_of(const json_t *line)
{
	enum event_kind kind;

	return find_kind(line, &kind) ? event_kind_name(kind) : NULL;
}

void event_title(const json_t *line, struct buf *out)
{
	enum event_kind kind;

	if (!find_kind(line, &kind))
		return;
	buf_fmt(out, "Feed %s", text_of(line, "feed"));
	sentences[kind](line, out);
}
