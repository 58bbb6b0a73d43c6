/* record: an item and what the classifier said of it, as JSON. Everything is bounded: a record is at most a few times its text. */
#include "daemon/pipe/record.h"

#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "daemon/base/url.h"
#include "daemon/base/utf8.h"
#include "daemon/pipe/job.h"

#define ID_MAX 2048 /* bytes of an id as written; the aliases are made of all of it */
#define NAME_MAX_BYTES 256 /* bytes of an author's name or a tag */
#define LIST_MAX 64 /* authors or tags of one record */
#define ATTACHMENTS_MAX 16 /* of one record */
#define EVIDENCE_TEXT_MAX 256 /* bytes of the quoted text; start and length tell the whole */

static const char *const field_names[] = { [CLS_FIELD_TITLE] = "title", [CLS_FIELD_TEXT] = "content_text" };

static void write_string(struct json *w, const char *key, struct str s, size_t max)
{
	json_key_string_opt(w, key, utf8_cut(s, max));
}

static bool is_link(struct str url)
{
	return url.n != 0 && url.n <= URL_MAX && !url_is_unsafe(url);
}

struct str record_id(const struct feed_item *item)
{
	return utf8_cut(item->id, ID_MAX);
}

struct str record_url(const struct feed_item *item)
{
	return is_link(item->url) ? item->url : STR("");
}

/* A summary alone is the content_text already. */
struct str record_summary(const struct feed_item *item)
{
	return str_eq(item->summary, item->content_text) ? STR("") : utf8_cut(item->summary, JOB_SUMMARY_MAX);
}

static void write_link(struct json *w, const char *key, struct str url)
{
	if (is_link(url))
		json_key_string(w, key, url);
}

static void write_date(struct json *w, const char *key, const struct feed_date *d)
{
	char text[DATE_TEXT_MAX];

	if (d->ms != DATE_NONE)
		json_key_string(w, key, str_of(text, date_format(d->ms, text)));
}

static void write_authors(struct json *w, const struct feed_list *list)
{
	const struct feed_author *a = list->at;
	size_t n = list->n < LIST_MAX ? list->n : LIST_MAX;

	if (n == 0)
		return;
	json_key(w, "authors");
	json_open_array(w);
	for (size_t i = 0; i < n; i++) {
		json_open_object(w);
		write_string(w, "name", a[i].name.n ? a[i].name : a[i].email, NAME_MAX_BYTES);
		write_link(w, "url", a[i].url);
		json_close_object(w);
	}
	json_close_array(w);
}

static void write_tags(struct json *w, const struct feed_list *list)
{
	const struct str *tags = list->at;
	size_t n = list->n < LIST_MAX ? list->n : LIST_MAX;

	if (n == 0)
		return;
	json_key(w, "tags");
	json_open_array(w);
	for (size_t i = 0; i < n; i++)
		json_str(w, utf8_cut(tags[i], NAME_MAX_BYTES));
	json_close_array(w);
}

static void write_attachments(struct json *w, const struct feed_list *list)
{
	const struct feed_attachment *a = list->at;
	size_t written = 0;

	for (size_t i = 0; i < list->n && written < ATTACHMENTS_MAX; i++) {
		if (!is_link(a[i].url))
			continue;
		if (written++ == 0) {
			json_key(w, "attachments");
			json_open_array(w);
		}
		json_open_object(w);
		json_key_string(w, "url", a[i].url);
		write_string(w, "mime_type", a[i].mime_type, NAME_MAX_BYTES);
		write_string(w, "title", a[i].title, NAME_MAX_BYTES);
		if (a[i].size >= 0)
			json_key_int(w, "size_in_bytes", a[i].size);
		if (a[i].duration_ms >= 0)
			json_key_int(w, "duration_in_seconds", a[i].duration_ms / 1000);
		json_close_object(w);
	}
	if (written)
		json_close_array(w);
}

static void write_evidence(struct json *w, const struct record *r, const struct cls_evidence *ev)
{
	struct str field = ev->field == CLS_FIELD_TITLE ? r->title : r->text;
	struct str text = str_skip(field, ev->start);

	if (text.n > ev->length)
		text.n = ev->length;
	json_open_object(w);
	json_key_string(w, "field", str_from(field_names[ev->field]));
	json_key_int(w, "start", (int64_t)ev->start);
	json_key_int(w, "length", (int64_t)ev->length);
	json_key_string(w, "text", utf8_cut(text, EVIDENCE_TEXT_MAX));
	json_key(w, "weight");
	json_num(w, ev->weight, 3);
	json_key_string(w, "by", str_from(cls_by_name(ev->by)));
	json_close_object(w);
}

void record_write_topic(struct json *w, const struct record *r, const struct cls_result *t)
{
	json_open_object(w);
	json_key_string(w, "topic", str_from(cls_topic(r->classifier, t->topic)->name));
	json_key(w, "score");
	json_num(w, t->score, 4);
	json_key_string(w, "decision", str_from(cls_decision_name(t->decision)));
	if (cls_topic(r->classifier, t->topic)->shadow) {
		json_key(w, "shadow");
		json_bool(w, true);
	}
	json_key(w, "evidence");
	json_open_array(w);
	for (size_t i = 0; i < t->evidence_count; i++)
		write_evidence(w, r, &t->evidence[i]);
	json_close_array(w);
	json_close_object(w);
}

static void write_topics(struct json *w, const struct record *r)
{
	json_key(w, "topics");
	json_open_array(w);
	for (size_t i = 0; i < r->result_count; i++)
		if (r->results[i].decision != CLS_NONE)
			record_write_topic(w, r, &r->results[i]);
	json_close_array(w);
}

size_t record_write(const struct record *r, struct buf *out)
{
	const struct feed_item *item = r->item;
	size_t start = out->n, head;
	struct json w;

	json_init(&w, out);
	json_open_object(&w);
	json_key_string(&w, "key", STR(RECORD_KEY_PLACE));
	json_key_string_opt(&w, "id", record_id(item));
	write_link(&w, "url", item->url);
	write_link(&w, "external_url", item->external_url);
	json_key_string_opt(&w, "title", r->title);
	head = out->n - start;
	json_key_string_opt(&w, "summary", record_summary(item));
	json_key_string_opt(&w, "content_text", r->text);
	if (r->text_end < r->text.n)
		json_key_int(&w, "text_end", (int64_t)r->text_end);
	write_date(&w, "date_published", &item->published);
	write_date(&w, "date_modified", &item->modified);
	json_key_string_opt(&w, "language", r->language);
	write_authors(&w, &item->authors);
	write_tags(&w, &item->tags);
	write_attachments(&w, &item->attachments);
	write_topics(&w, r);
	json_key_string(&w, "model", str_from(cls_model_id(r->classifier)));
	json_close_object(&w);
	return out->failed ? 0 : head;
}
