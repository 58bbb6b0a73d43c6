/* storage: names and policy of the stores. Pure functions. */
#include "daemon/pipe/storage.h"

static const char *const ours[] = { STORE_ITEMS, STORE_POLLS, STORE_DEAD_LETTERS, STORE_REVIEWS,
	STORE_EVENTS };

const char *storage_ledger(size_t i)
{
	return i < ARRAY_LEN(ours) ? ours[i] : NULL;
}

bool storage_name_is_ours(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (str_eq(str_from(name), str_from(ours[i])))
			return true;
	return false;
}

size_t storage_names(const struct classifier *c, const char *names[STORAGE_NAMES_MAX])
{
	size_t n = 0;
	_Static_assert(STORAGE_NAMES_MAX == CLS_TOPICS_MAX + ARRAY_LEN(ours), "room for every store");
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		names[n++] = ours[i];
	for (size_t i = 0; i < cls_topic_count(c) && n < STORAGE_NAMES_MAX; i++)
		names[n++] = cls_topic(c, i)->name;
	return n;
}

struct stores_policy storage_policy(const struct conf *conf)
{
	const struct conf_storage *s = &conf->storage;
	return (struct stores_policy){
		.directory = s->directory,
		.rotate_size = s->rotate_size,
		.rotate_every_ms = s->rotate_every,
		.compress = s->compress,
		.keep_for_ms = s->keep_for,
		.keep_total = s->keep_total,
		.keep_free = s->keep_free,
		.keep_hard = s->keep_hard,
		.mode = (mode_t)s->file_mode,
		.chained = storage_ledger,
		.sign_key_file = s->sign_key_file,
	};
}
