/*
 * entry: what stands beside each line in the journal, so that everything that follows from it can be done again after a crash.
 * Same rule of form as feedstate: fields are only ever added at the end.
 */
#ifndef PIPE_ENTRY_H
#define PIPE_ENTRY_H

#include "daemon/pipe/job.h"

#include <stdint.h>

enum entry_type { ENTRY_ITEM = 1, ENTRY_POLL = 2, ENTRY_LETTER = 3, ENTRY_EVENT = 4, ENTRY_REVIEW = 5 };

enum record_kind { RECORD_NEW, RECORD_REVISION, RECORD_WITHDRAWN, RECORD_REPLAY, RECORD_KINDS };
const char *record_kind_name(enum record_kind k); /* "new", "revision", "withdrawn", "replay" */

struct item_entry { /* the record is the line */
	uint64_t seq;
	int64_t at; /* wall ms */
	struct str feed, key;
	uint32_t content;
	uint32_t last; /* as in struct seen_entry */
	unsigned alias_count;
	uint64_t aliases[JOB_ALIASES_MAX];
	struct str alerts; /* names of those owed, joined by '\n' */
	/* Absent in entries of the first release: a new record, of which nothing more is remembered. */
	enum record_kind kind;
	uint64_t number; /* of the item: of its first record */
	struct str delivery; /* what the keys of its deliveries are made of; absent: the key */
	struct str remembered; /* encoded */
	struct str case_item; /* encoded; empty: its text is not looked for in other feeds */
	/* Of a replay alone. */
	uint64_t replays; /* number of the record that it is made of */
	struct str topic; /* that it was made for */
};

struct poll_entry { /* the ledger's line is the line */
	uint64_t seq;
	int64_t at; /* wall ms */
	struct str feed;
	struct str feedstate; /* encoded */
	bool has_window;
	struct str window; /* encoded; when it changed */
};

struct letter_entry { /* a dead letter; the line holds the record */
	uint64_t seq;
	struct str key; /* of the delivery */
	uint32_t attempts;
	struct str error;
};

struct event_entry { /* the line tells of a feed */
	uint64_t seq;
	int64_t at; /* wall ms */
	struct str feed, key;
	struct str alerts; /* names of those owed, joined by '\n' */
};

void item_entry_encode(const struct item_entry *x, struct buf *out);
bool item_entry_decode(struct str meta, struct item_entry *x) MUST_CHECK;
void poll_entry_encode(const struct poll_entry *x, struct buf *out);
bool poll_entry_decode(struct str meta, struct poll_entry *x) MUST_CHECK;
void letter_entry_encode(const struct letter_entry *x, struct buf *out);
bool letter_entry_decode(struct str meta, struct letter_entry *x) MUST_CHECK;
void event_entry_encode(const struct event_entry *x, struct buf *out);
bool event_entry_decode(struct str meta, struct event_entry *x) MUST_CHECK;

#endif
