/*
 * feeds_value: where the value of a key stands in the text of one entry of a list of feeds, as YAML means it: what a comment or another value says is
 * none. Pure.
 */
#ifndef CTL_FEEDS_VALUE_H
#define CTL_FEEDS_VALUE_H

#include "daemon/base/str.h"

struct feeds_value {
	bool found;
	size_t begin, end; /* of the value; not found: both where the key and a value may be put */
	bool braces; /* the entry is written in braces, over any number of lines; else a key a line */
	bool first; /* not found, in braces: nothing stands before it there that a comma must part it from */
	size_t column; /* of the keys, when each has its line */
};

/* entry: whole lines, the first of which has its "- " in column `dash`. False: its braces do not end. */
bool feeds_value_find(struct str entry, size_t dash, struct str key, struct feeds_value *out);

#endif
