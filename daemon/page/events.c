/*
 * events: matches as server-sent events (HTML, section 9.2). No connection is kept: an answer holds what came since the client's Last-Event-ID and ends, and
 * a client asks again after `retry`, as every EventSource does when a stream ends. So a thousand clients, slow ones too, cost no more than as many small
 * requests, and nothing is lost between two of them.
 */
#include "daemon/page/page_priv.h"

#include "daemon/base/json.h"
#include "daemon/base/utf8.h"
#include "daemon/page/lines.h"
#include "daemon/page/listing.h"
#include "daemon/pipe/storage.h"

#define RETRY_MS 3000
#define EVENTS_MAX 50u /* of one answer; the next one has the others */
#define TITLE_MAX 500u

static const char live[] =
    "'use strict';\n"
    "const list = document.querySelector('ol.items[data-live]');\n"
    "if (list && window.EventSource) new EventSource('/events?after=' + list.dataset.live).onmessage = "
    "(event) => {\n"
    "  const r = JSON.parse(event.data), li = document.createElement('li'), a = "
    "document.createElement('a');\n"
    "  const name = document.createElement('bdi'), meta = document.createElement('p');\n"
    "  if (r.language) li.lang = r.language;\n"
    "  a.className = 'title'; a.href = '/items/' + r.seq; name.textContent = r.title || '(without a title)'; "
    "a.append(name);\n"
    "  meta.className = 'meta'; meta.lang = 'en';\n"
    "  meta.textContent = r.feed + ' · just now · ' + r.topics.map((t) => t.topic).join(', ');\n"
    "  li.append(a, meta); list.prepend(li);\n"
    "  while (list.children.length > 50) list.lastElementChild.remove();\n"
    "};\n";

void page_live(struct asking *a)
{
	buf_add(&a->answer->body, live, sizeof(live) - 1);
}

struct stream {
	struct asking *asking;
	struct str topic; /* wanted; absent: any */
	unsigned count;
};

static void write_topics(struct json *w, const json_t *topics)
{
	json_key(w, "topics");
	json_open_array(w);
	for (size_t i = 0; i < json_array_size(topics); i++) {
		const json_t *topic = json_array_get(topics, i);

		json_open_object(w);
		json_key_string(w, "topic", member(topic, "topic"));
		json_key(w, "score");
		json_num(w, json_number_value(json_object_get(topic, "score")), 4);
		json_key_string(w, "decision", member(topic, "decision"));
		json_close_object(w);
	}
	json_close_array(w);
}

/* The writer escapes line breaks: an event's data is one line. */
static void write_event(struct buf *b, uint64_t seq, const json_t *record)
{
	static const char *const members[] = { "seen_at", "kind", "feed", "key", "url", "language" };
	struct json w;

	buf_fmt(b, "id: %llu\ndata: ", (unsigned long long)seq);
	json_init(&w, b);
	json_open_object(&w);
	json_key_int(&w, "seq", (int64_t)seq);
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		json_key_string_opt(&w, members[i], member(record, members[i]));
	json_key_string(&w, "title", utf8_cut(member(record, "title"), TITLE_MAX));
	write_topics(&w, json_object_get(record, "topics"));
	json_close_object(&w);
	buf_str(b, STR("\n\n"));
}

static lines_f on_line;
static bool on_line(void *ctx, uint64_t seq, struct str line)
{
	struct stream *s = ctx;
	json_t *record;

	if (str_find(line, STR("\"decision\":\"match\""), 0) == SIZE_MAX)
		return true;
	record = json_loadb(line.p, line.n, 0, NULL);
	if (listing_matches(record, s->topic)) {
		write_event(&s->asking->answer->body, seq, record);
		s->count++;
	}
	json_decref(record);
	return s->count < EVENTS_MAX;
}

/* Who comes for the first time begins with what comes next. An id without data is remembered by clients and told to nobody. */
void page_events(struct asking *a)
{
	struct buf *b = &a->answer->body, topic;
	struct stream s = { .asking = a, .topic = page_parameter(a, "topic", &topic) };
	unsigned long long after;
	uint64_t last;

	if (!str_to_u64(a->last_event_id, &after))
		after = page_number(a, "after", UINT64_MAX);
	buf_fmt(b, "retry: %d\n\n", RETRY_MS);
	/* Who cannot be told everything keeps the id that it has. */
	if (lines_after(a->source, STORE_ITEMS, after, PAGE_LOOK_BACK, on_line, &s, &last))
		buf_fmt(b, "id: %llu\n\n", (unsigned long long)last);
	buf_fini(&topic);
}
