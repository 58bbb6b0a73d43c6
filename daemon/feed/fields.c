/* fields: slots and lists. Knows nothing of elements. */
#include "daemon/feed/fields_priv.h"

const struct value *fields_first(const struct fields *f, const uint8_t *slots)
{
	for (; *slots != SLOT_NONE; slots++)
		if (f->v[*slots].text.p)
			return &f->v[*slots];
	return NULL;
}

/* Doubles at each power of two: a list of n never wastes more than n. */
static void *list_add(struct feed_list *list, struct arena *a, size_t size)
{
	if (list->n >= FEED_LIST_MAX)
		return NULL;
	if ((list->n & (list->n - 1)) == 0) {
		size_t room = list->n == 0 ? 1 : list->n * 2;
		void *more = arena_alloc(a, room * size);
		if (!more)
			return NULL;
		if (list->n > 0)
			memcpy(more, list->at, list->n * size);
		list->at = more;
	}
	void *slot = (char *)list->at + list->n++ * size;
	memset(slot, 0, size);
	return slot;
}

struct feed_author *fields_add_author(struct feed_list *list, struct arena *a)
{
	return list_add(list, a, sizeof(struct feed_author));
}

struct feed_attachment *fields_add_attachment(struct fields *f)
{
	struct feed_attachment *x = list_add(&f->attachments, f->arena, sizeof(*x));
	if (x) {
		x->size = -1;
		x->duration_ms = -1;
	}
	return x;
}

void fields_add_tag(struct fields *f, struct str tag)
{
	tag = str_trim(tag);
	if (tag.n == 0)
		return;
	const struct str *tags = f->tags.at;
	for (size_t i = 0; i < f->tags.n; i++)
		if (str_eq(tags[i], tag))
			return;
	struct str *slot = list_add(&f->tags, f->arena, sizeof(*slot));
	if (slot)
		*slot = arena_str(f->arena, tag);
}
