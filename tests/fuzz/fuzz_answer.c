/* Any bytes as the answer of a worker, which parsed what came from the network: what is taken can end no line, no object and no range of ours. */
#include "daemon/base/url.h"
#include "daemon/pipe/job.h"
#include "daemon/pipe/look.h"

#include <assert.h>
#include <string.h>

#define ROOM (4u << 20) /* bytes: the views of what is decoded */
#define TOPICS 3u

static void check_view(struct str frame, struct str view)
{
	assert(
	    view.n == 0 || (view.p >= frame.p && view.n <= frame.n && view.p + view.n <= frame.p + frame.n));
}

static void check_item(struct str frame, const struct job_item *item)
{
	assert(item->alias_count >= 1 && item->alias_count <= JOB_ALIASES_MAX);
	for (unsigned i = 0; i < item->alias_count; i++)
		assert(item->aliases[i].use < ALIAS_USES);
	if (item->stub)
		return;
	assert(item->key.n == JOB_KEY_LEN && item->url.n <= URL_MAX && item->head.n <= item->body.n);
	check_view(frame, item->body);
	check_view(frame, item->url);
	check_view(item->body, item->key);
	check_view(item->body, item->head);
	for (size_t i = 0; i < item->body.n; i++)
		assert((unsigned char)item->body.p[i] >= 0x20);
	for (size_t i = 0; i < item->topic_count; i++)
		assert(item->topics[i].topic < TOPICS && item->topics[i].score >= 0 &&
		       item->topics[i].score <= 1);
}

static void check_job(struct str frame, struct arena *arena)
{
	struct err e = { .kind = ERR_NONE };
	struct job_answer a;

	if (!job_answer_decode(frame, TOPICS, arena, &a, &e)) {
		assert(e.kind != ERR_NONE && e.text[0]);
		return;
	}
	assert(a.format < FEED_FORMATS && a.item_count <= JOB_LISTED_MAX);
	assert(a.error.kind == ERR_NONE || a.item_count == 0);
	for (size_t i = 0; i < a.item_count; i++)
		check_item(frame, &a.items[i]);
	const struct str texts[] = { a.title, a.language, a.encoding, a.note, a.archive, a.hub, a.self };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		check_view(frame, texts[i]);
}

static void check_look(struct str frame, struct arena *arena)
{
	struct err e = { .kind = ERR_NONE };
	struct look_answer a;

	if (!look_answer_decode(frame, arena, &a, &e)) {
		assert(e.kind != ERR_NONE && e.text[0]);
		return;
	}
	check_view(frame, a.title);
	check_view(frame, a.language);
	for (size_t i = 0; i < a.link_count; i++)
		check_view(frame, a.links[i].url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str frame = str_of((const char *)data, size);
	struct arena *arena = arena_new(ROOM);

	assert(arena);
	check_job(frame, arena);
	check_look(frame, arena);
	arena_free(&arena);
	return 0;
}
