/*
 * remembered: what the state keeps of one item, by the number of its first record: enough to tell what a publisher changed, that a text was
 * there before, and what was withdrawn when its line is out of reach. On the disk alone; a poll reads it for items that changed.
 * Rule of the form: fields are only ever added at the end.
 */
#ifndef PIPE_REMEMBERED_H
#define PIPE_REMEMBERED_H

#include "daemon/base/arena.h"
#include "daemon/pipe/job.h"
#include "daemon/pipe/members.h"

#include <stdint.h>

#define REMEMBERED_ALIASES 6 /* names of an item: three of its newest text, the rest former ones */
#define REMEMBERED_VERSIONS                                                                                  \
	8 /* texts of an item that are known to have been recorded; more than one day brings */
#define REMEMBERED_TOPICS 32 /* of one item; further ones raise an alert anew */
#define REMEMBERED_HEAD_MAX (32u << 10) /* bytes: id, links and title as JSON */
#define REMEMBERED_MAX (48u << 10) /* bytes of one encoded */

struct remembered {
	uint64_t seq; /* of its newest record */
	char key[JOB_KEY_LEN], case_key[JOB_KEY_LEN];
	uint32_t members[MEMBERS]; /* of that record */
	uint32_t
	    versions[REMEMBERED_VERSIONS]; /* newest first; the lowest two bits count the records of it */
	uint32_t day, today; /* day (of 1970) of the newest revision, and how many it had */
	uint32_t withdrawn_at; /* wall seconds of its newest withdrawal; 0: never */
	bool withdrawn; /* its newest record says so */
	unsigned alias_count, topic_count;
	uint64_t aliases[REMEMBERED_ALIASES]; /* newest first */
	uint32_t topics[REMEMBERED_TOPICS]; /* hash of the name, bit 0: it matched, else for review */
	struct str head; /* `,"id":…,"url":…,"title":…` of the newest record, or empty */
};

/* Of a new record; key, case and seq are the caller's. Views into the item. */
void remembered_new(const struct job_item *item, const struct classifier *c, struct remembered *out);

enum judgement {
	JUDGED_SAME, /* nothing that was not recorded before */
	JUDGED_REVISED,
	JUDGED_HELD, /* it changed more often today than is recorded */
	JUDGED_ANOTHER /* all that it shares with the other is a link */
};

struct judging {
	const struct job_item *item;
	const struct classifier *classifier;
	bool by_link; /* it has an id, and that is not known */
	int64_t now; /* wall ms */
	uint32_t limit; /* revisions of one day */
};

/* What a known item is against what is remembered of it. After JUDGED_REVISED, *after is what to remember and *changed has the bits of the members. */
enum judgement remembered_judge(
    const struct remembered *before, const struct judging *j, struct remembered *after, uint32_t *changed);

/* Has the item a topic that was not recorded before, or only for review? *grown gets those, at most topic_count. */
size_t remembered_grown(const struct remembered *before, const struct job_item *item,
    const struct classifier *c, struct job_topic *grown);

/* A further record of it: what it says, its names (before the former ones), a topic of it, that it is one more of its day. */
void remembered_add_text(struct remembered *r, const uint32_t members[MEMBERS], struct str head);
void remembered_add_aliases(struct remembered *r, const uint64_t *aliases, unsigned count);
void remembered_add_topic(struct remembered *r, struct str name, bool match);
void remembered_count(struct remembered *r, int64_t now);

void remembered_encode(const struct remembered *r, struct buf *out);
bool remembered_decode(struct str blob, struct remembered *out) MUST_CHECK; /* views into blob */

#endif
