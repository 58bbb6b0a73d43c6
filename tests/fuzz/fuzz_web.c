/*
 * Any bytes as what the page is made of: a record's texts and evidence, a line as it is, the status file, and the request itself. Whatever comes, every
 * page is made of our own markup alone.
 */
#include "daemon/base/attr.h"
#include "daemon/base/json.h"
#include "tests/fake/html_check.h"
#include "tests/fake/page_box.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TARGET_MAX 600u

static struct page_box box;

static void remove_box(void)
{
	page_box_fini(&box);
}

static struct page_box *the_box(void)
{
	if (box.folder[0] == '\0') {
		page_box_init(&box);
		atexit(remove_box);
	}
	return &box;
}

/* Numbers out of the bytes, so that evidence points everywhere. */
static void write_record(struct str data, struct buf *out)
{
	struct json w;
	unsigned char head[4] = { 0 };

	memcpy(head, data.p ? data.p : "", data.n < sizeof(head) ? data.n : sizeof(head));
	json_init(&w, out);
	json_open_object(&w);
	json_key_int(&w, "v", 1);
	json_key_int(&w, "seq", 1);
	static const char *const members[] = { "kind", "feed", "key", "id", "url", "title", "content_text",
		"language", "case" };
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		json_key_string(&w, members[i], data);
	json_key(&w, "topics");
	json_open_array(&w);
	json_open_object(&w);
	json_key_string(&w, "topic", data);
	json_key_string(&w, "decision", head[0] & 1 ? STR("match") : data);
	json_key(&w, "evidence");
	json_open_array(&w);
	for (int i = 0; i < 2; i++) {
		json_open_object(&w);
		json_key_string(&w, "field", head[0] & 2 ? STR("title") : STR("content_text"));
		json_key_int(&w, "start", head[1] - i * 3);
		json_key_int(&w, "length", head[2] - 128 * (head[3] & 1));
		json_key_string(&w, "text", data);
		json_key_int(&w, "weight", head[3] - 128);
		json_close_object(&w);
	}
	json_close_array(&w);
	json_close_object(&w);
	json_close_array(&w);
	json_close_object(&w);
	buf_byte(out, '\n');
}

static void look(struct page_box *b, const char *target)
{
	const char *wrong;

	(void)page_box_get(b, target);
	wrong = str_starts(str_from(b->answer.content_type), STR("text/html"))
	            ? html_check(buf_view(&b->answer.body))
	            : NULL;
	if (wrong)
		fprintf(stderr, "%s: %s\n", target, wrong);
	assert(!wrong);
}

static void look_at_all(struct page_box *b, struct str data)
{
	static const char *const targets[] = { "/", "/feeds", "/feeds/a", "/items", "/items/1", "/topics",
		"/topics/t", "/index.json", "/items.json", "/topics/t.json" };
	char target[TARGET_MAX];

	for (size_t i = 0; i < ARRAY_LEN(targets); i++)
		look(b, targets[i]);
	snprintf(target, sizeof(target), "%.*s", STR_ARG(data));
	look(b, target);
	snprintf(target, sizeof(target), "/items?q=%.*s", STR_ARG(data));
	look(b, target);
	snprintf(target, sizeof(target), "/feeds/%.*s", STR_ARG(data));
	look(b, target);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct str data = str_of(bytes, size);
	struct page_box *b = the_box();
	struct buf line;

	buf_init(&line, 8 << 20);
	write_record(data, &line);
	page_box_write(b, "items.jsonl", buf_view(&line));
	page_box_append(b, "items.jsonl", data);
	page_box_append(b, "items.jsonl", STR("\n"));
	page_box_write(b, "polls.jsonl", data);
	page_box_append(b, "polls.jsonl", STR("\n"));
	page_box_write(b, "status.json", data);
	look_at_all(b, data);
	buf_fini(&line);
	return 0;
}
