/* member: strings out of parsed JSON, as slices. Views into the value. */
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

#endif
