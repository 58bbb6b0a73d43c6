/* members: what stands in the lines of each store, once; the schema and the manual page are loops over these rows. */
#ifndef CTL_MEMBERS_H
#define CTL_MEMBERS_H

#include "daemon/base/buf.h"

enum member_type {
	MEMBER_COUNT, /* a whole number from 0 */
	MEMBER_SCORE, /* 0 to 1 */
	MEMBER_NUMBER,
	MEMBER_FLAG, /* true, or absent */
	MEMBER_TEXT,
	MEMBER_TIME, /* RFC 3339, UTC */
	MEMBER_KEY, /* 32 hex digits */
	MEMBER_HASH, /* 64 of them */
	MEMBER_CHOICE,
	MEMBER_CHOICES, /* a list of them */
	MEMBER_TEXTS,
	MEMBER_COUNTS,
	MEMBER_OBJECT, /* a line of another store */
	MEMBER_OBJECTS,
	MEMBER_TYPES
};

struct members;

struct member_row {
	const char *name;
	enum member_type type;
	bool always;
	const char *text; /* what it says */
	const char *choices; /* "new|revision" */
	const struct members *of; /* MEMBER_OBJECTS: what each has */
};

struct members {
	const char *name; /* as in `gazettectl schema NAME` */
	const char *title;
	const struct member_row *rows;
	size_t count;
};

extern const struct members members_of_stores[];
extern const size_t members_store_count;

/* JSON Schema 2020-12 of a line. Members that are not named are allowed: a later version may add some. */
void members_print_schema(const struct members *m, struct buf *out);
/* mdoc for gazetted-record(5): one .It per member. */
void members_print_mdoc(struct buf *out);

#endif
