/* member: what stands in parsed JSON: strings as slices, views into the value; and whole numbers. */
#ifndef BASE_MEMBER_H
#define BASE_MEMBER_H

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

#endif
