/* events: their lines. */
#include "daemon/pipe/events.h"

#include "daemon/base/date.h"
#include "daemon/base/hash.h"
#include "daemon/base/json.h"

static const char *const kind_names[] = {
	[EVENT_FEED_DOWN] = "feed_down",
	[EVENT_FEED_SILENT] = "feed_silent",
	[EVENT_FEED_UP] = "feed_up",
	[EVENT_GAP] = "gap",
	[EVENT_FALSE_304] = "false_304",
	[EVENT_FEED_MOVED] = "feed_moved",
};
_Static_assert(ARRAY_LEN(kind_names) == EVENT_KINDS, "a name for every kind");

const char *event_kind_name(enum event_kind k)
{
	return kind_names[k];
}

/* One poll may tell the same for two reasons. */
void event_key(const struct feed_event *v, struct event_place *place)
{
	uint8_t digest[SHA256_LEN];
	char at[DATE_TEXT_MAX];
	size_t n = date_format_ms(place->at, at);

	sha256((const struct str[]){ place->feed, STR("\n"), str_from(kind_names[v->kind]), STR("\n"),
	           { at, n }, STR("\n"), str_from(v->reason) },
	    7, digest);
	hex_encode(digest, JOB_KEY_LEN / 2, place->key);
}

static void write_time(struct json *w, const char *key, int64_t ms)
{
	char text[DATE_TEXT_MAX];

	if (ms > 0)
		json_key_string(w, key, str_of(text, date_format_ms(ms, text)));
}

static void write_number(struct json *w, const char *key, int64_t n)
{
	if (n > 0)
		json_key_int(w, key, n);
}

static void write_members(struct json *w, const struct feed_event *v, const struct event_place *place)
{
	write_time(w, "at", place->at);
	json_key_string(w, "kind", str_from(kind_names[v->kind]));
	json_key_string(w, "feed", place->feed);
	json_key_string(w, "key", str_of(place->key, sizeof(place->key)));
	json_key_string_opt(w, "reason", str_from(v->reason));
	write_time(w, "since", v->since);
	write_number(w, "lasted_ms", v->lasted);
	write_number(w, "usual_ms", v->usual);
	write_number(w, "failures", v->failures);
	write_number(w, "status", v->status);
	json_key_string_opt(w, "error", str_from(v->error));
	json_key_string_opt(w, "from", str_from(v->from));
	json_key_string_opt(w, "to", str_from(v->to));
	if (v->archive) {
		json_key(w, "archive");
		json_bool(w, true);
	}
}

void event_write(
    const struct feed_event *v, const struct event_place *place, struct chain *chain, struct buf *out)
{
	struct chain_line line;

	write_members(chain_line_open(&line, chain, out), v, place);
	chain_line_close(&line);
}
