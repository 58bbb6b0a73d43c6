/* member: what stands in parsed JSON: strings as slices, views into the value; and whole numbers. */
#ifndef CTL_MEMBER_H
#define CTL_MEMBER_H

#include "daemon/base/str.h"

#include <jansson.h>

/* Absent when v is no string. */
static inline struct str member_string(const json_t *v)
{
	return json_is_string(v) ? str_of(json_string_value(v), json_string_length(v))
	                         : (struct str){ NULL, 0 };
}

static inline struct str member(const json_t *object, const char *name)
{
	return member_string(json_object_get(object, name));
}

/* 0 when there is none. */
static inline long long member_number(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

/* The text that counts: without what recurs at the end of its feed's items. */
static inline struct str member_text(const json_t *record)
{
	struct str text = member(record, "content_text");
	long long end = member_number(record, "text_end");
	return end > 0 && (unsigned long long)end < text.n ? str_of(text.p, (size_t)end) : text;
}

/* What a record says of a topic; NULL: nothing. */
static inline const json_t *member_topic(const json_t *record, struct str name)
{
	const json_t *topics = json_object_get(record, "topics");
	for (size_t i = 0; i < json_array_size(topics); i++)
		if (str_eq(member(json_array_get(topics, i), "topic"), name))
			return json_array_get(topics, i);
	return NULL;
}

#endif
