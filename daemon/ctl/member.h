/* member: what stands in a record. */
#ifndef CTL_MEMBER_H
#define CTL_MEMBER_H

#include "daemon/base/member.h"

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
