/* filter: which lines of a store a command wants. */
#ifndef CTL_FILTER_H
#define CTL_FILTER_H

#include "daemon/ctl/command.h"

#include <jansson.h>

/* Rows that tail and search share. */
#define FILTER_OPTIONS                                                                                       \
	{ '\0', "topic", "NAME", "only this topic; may be repeated", CTL_LIST, CTL_AT(topics), NULL },       \
	    { '\0', "feed", "NAME", "only feeds of this name (* and ? allowed); may be repeated", CTL_LIST,  \
		    CTL_AT(feeds), NULL },                                                                   \
	    { '\0', "lang", "TAG", "only this language (\"zh\" takes zh-Hant too); may be repeated",         \
		    CTL_LIST, CTL_AT(languages), NULL },                                                     \
	    { '\0', "min-score", "N", "only topics with this score or more", CTL_SCORE, CTL_AT(min_score),   \
		    NULL },                                                                                  \
	    { '\0', "kind", "KIND", "only records of this kind: new, revision, withdrawn, replay; or all",   \
		    CTL_CHOICE, CTL_AT(kind), ctl_kind_names },                                              \
	    { '\0', "key", "KEY", "the history of one item, by its key", CTL_TEXT, CTL_AT(item), NULL },     \
	    { '\0', "case", "KEY", "all records of one case", CTL_TEXT, CTL_AT(of_case), NULL },             \
	    { 'S', "since", "TIME", "seen at or after: 2h, yesterday, 2026-11-21, …", CTL_TIME,              \
		    CTL_AT(since), NULL },                                                                   \
	{                                                                                                    \
		'U', "until", "TIME", "seen before", CTL_TIME, CTL_AT(until), NULL                           \
	}

bool filter_is_open(const struct ctl_args *args); /* every line passes */
/* False: the line is surely not wanted; most are passed over so, without reading their JSON. */
bool filter_may_take(const struct ctl_args *args, struct str line);
bool filter_takes(const struct ctl_args *args, const json_t *record);
bool filter_wants_topic(const struct ctl_args *args, struct str name); /* by its name alone */
/* Wall ms of "seen_at" (items) or "at" (polls); INT64_MIN when there is none. */
int64_t filter_time(const json_t *record);

#endif
