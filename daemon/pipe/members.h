/*
 * members: what an item says, member by member, as small hashes: enough to tell that and where a publisher changed it. Pure functions of what
 * stands in the record, so that they can be made again from it. White space, tracking parameters and the HTML around a text do not count.
 */
#ifndef PIPE_MEMBERS_H
#define PIPE_MEMBERS_H

#include "daemon/base/buf.h"

#include <stdint.h>

enum member_of_item {
	MEMBER_ID,
	MEMBER_URL,
	MEMBER_TITLE,
	MEMBER_SUMMARY,
	MEMBER_TEXT,
	MEMBER_PUBLISHED,
	MEMBER_MODIFIED,
	MEMBERS
};

#define MEMBERS_NAMES ((1u << MEMBER_ID) | (1u << MEMBER_URL)) /* what it is called */
#define MEMBERS_TEXTS ((1u << MEMBER_TITLE) | (1u << MEMBER_SUMMARY) | (1u << MEMBER_TEXT)) /* what it says */

const char *member_name(enum member_of_item m); /* as in the record: "id", "url", … */

struct said { /* as written in the record; what is absent there is empty here */
	struct str id, url, title, summary, text;
	int64_t published, modified; /* ms; DATE_NONE */
};

/* 0: absent. `scratch` is cleared and used. */
void members_of(const struct said *said, struct buf *scratch, uint32_t out[MEMBERS]);
/* Hash over names and texts; dates alone make no new version. */
uint32_t members_version(const uint32_t members[MEMBERS]);

#endif
