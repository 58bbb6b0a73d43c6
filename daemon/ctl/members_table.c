/* members_table: the rows. */
#include "daemon/ctl/members.h"

#include "daemon/base/attr.h"

#define TABLE(name, title, rows)                                                                             \
	{                                                                                                    \
		name, title, rows, ARRAY_LEN(rows)                                                           \
	}
#define FIRST                                                                                                \
	{ "v", MEMBER_COUNT, true, "Version of this format, 1.", NULL, NULL },                               \
	{                                                                                                    \
		"seq", MEMBER_COUNT, true, "Number of the line in its store: 1, 2, 3, without gaps.", NULL,  \
		    NULL                                                                                     \
	}
#define LAST                                                                                                 \
	{                                                                                                    \
		"chain", MEMBER_HASH, true,                                                                  \
		    "SHA-256 over the chain of the line before and this line up to this member.", NULL, NULL \
	}

static const struct member_row author_rows[] = {
	{ "name", MEMBER_TEXT, false, "Or an address of mail when there is no name.", NULL, NULL },
	{ "url", MEMBER_TEXT, false, "Link.", NULL, NULL },
};
static const struct members authors = TABLE("author", "An author.", author_rows);

static const struct member_row attachment_rows[] = {
	{ "url", MEMBER_TEXT, true, "Link.", NULL, NULL },
	{ "mime_type", MEMBER_TEXT, false, "As the publisher says.", NULL, NULL },
	{ "title", MEMBER_TEXT, false, "Plain text.", NULL, NULL },
	{ "size_in_bytes", MEMBER_COUNT, false, "As the publisher says.", NULL, NULL },
	{ "duration_in_seconds", MEMBER_COUNT, false, "As the publisher says.", NULL, NULL },
};
static const struct members attachments = TABLE("attachment", "What is attached.", attachment_rows);

static const struct member_row evidence_rows[] = {
	{ "field", MEMBER_CHOICE, true, "Where it stands.", "title|content_text", NULL },
	{ "start", MEMBER_COUNT, true, "Byte of that member's text.", NULL, NULL },
	{ "length", MEMBER_COUNT, true, "Bytes.", NULL, NULL },
	{ "text", MEMBER_TEXT, true, "The words, at most 256 bytes.", NULL, NULL },
	{ "weight", MEMBER_NUMBER, true, "Log-odds that it adds; below 0: takes away.", NULL, NULL },
	{ "by", MEMBER_CHOICE, true, "A phrase, a phrase near its partner, or a learned weight.",
	    "phrase|pair|term", NULL },
};
static const struct members evidence = TABLE("evidence", "What carried a decision.", evidence_rows);

static const struct member_row topic_rows[] = {
	{ "topic", MEMBER_TEXT, true, "Its name.", NULL, NULL },
	{ "score", MEMBER_SCORE, true, "Calibrated probability.", NULL, NULL },
	{ "decision", MEMBER_CHOICE, true, "Between the two thresholds a person decides.", "match|review",
	    NULL },
	{ "shadow", MEMBER_FLAG, false, "Of a topic that runs silently: nothing follows from it.", NULL,
	    NULL },
	{ "evidence", MEMBER_OBJECTS, true, "What carried the decision, heaviest first.", NULL, &evidence },
};
static const struct members topics = TABLE("topic", "A topic with a decision.", topic_rows);

static const struct member_row source_rows[] = {
	{ "feed", MEMBER_TEXT, true, "Name of the feed.", NULL, NULL },
	{ "seq", MEMBER_COUNT, true, "Number of the record.", NULL, NULL },
	{ "url", MEMBER_TEXT, false, "Link.", NULL, NULL },
};
static const struct members sources = TABLE("source", "Where else the same text was.", source_rows);

static const struct member_row record_rows[] = {
	FIRST,
	{ "seen_at", MEMBER_TIME, true, "When the daemon read it.", NULL, NULL },
	{ "kind", MEMBER_CHOICE, true,
	    "New; changed by its publisher; taken out; an older record once more, for a topic that came "
	    "later.",
	    "new|revision|withdrawn|replay", NULL },
	{ "feed", MEMBER_TEXT, true, "Name of the feed in the configuration.", NULL, NULL },
	{ "key", MEMBER_KEY, true, "The same for all records of this item in this feed.", NULL, NULL },
	{ "id", MEMBER_TEXT, false, "The publisher's.", NULL, NULL },
	{ "url", MEMBER_TEXT, false, "Link to the item, absolute.", NULL, NULL },
	{ "external_url", MEMBER_TEXT, false, "Link to what it is about, as in JSON Feed.", NULL, NULL },
	{ "title", MEMBER_TEXT, false, "Plain text.", NULL, NULL },
	{ "summary", MEMBER_TEXT, false, "Plain text; left out when it equals content_text.", NULL, NULL },
	{ "content_text", MEMBER_TEXT, false, "Plain text.", NULL, NULL },
	{ "text_end", MEMBER_COUNT, false,
	    "So many bytes of content_text count; what recurs at its end does not.", NULL, NULL },
	{ "date_published", MEMBER_TIME, false, "Only when it could be read for certain.", NULL, NULL },
	{ "date_modified", MEMBER_TIME, false, "The same.", NULL, NULL },
	{ "language", MEMBER_TEXT, false, "Tag of BCP 47.", NULL, NULL },
	{ "authors", MEMBER_OBJECTS, false, "At most 64.", NULL, &authors },
	{ "tags", MEMBER_TEXTS, false, "At most 64.", NULL, NULL },
	{ "attachments", MEMBER_OBJECTS, false, "At most 16.", NULL, &attachments },
	{ "topics", MEMBER_OBJECTS, false, "Topics with a decision; absent of what was withdrawn.", NULL,
	    &topics },
	{ "model", MEMBER_TEXT, false,
	    "Hash over everything that can change a decision: same model, same answer.", NULL, NULL },
	{ "revises", MEMBER_COUNT, false, "Number of the record of this item before.", NULL, NULL },
	{ "replays", MEMBER_COUNT, false, "Number of the record that a replay is made of.", NULL, NULL },
	{ "changed", MEMBER_CHOICES, false,
	    "Of a revision: which members are not as they were. Empty: it is listed again after it was "
	    "withdrawn.",
	    "id|url|title|summary|content_text|date_published|date_modified", NULL },
	{ "case", MEMBER_KEY, false, "Key of the first item of its case.", NULL, NULL },
	{ "sources", MEMBER_OBJECTS, false, "Where else the same text was, at most 32, the oldest first.",
	    NULL, &sources },
	LAST,
};

static const struct member_row poll_rows[] = {
	FIRST,
	{ "at", MEMBER_TIME, true, "When the answer came.", NULL, NULL },
	{ "feed", MEMBER_TEXT, true, "From which feed.", NULL, NULL },
	{ "asked_by", MEMBER_TEXT, false, "The feed of the same address that was asked.", NULL, NULL },
	{ "url", MEMBER_TEXT, false, "Where the answer came from, when that is not the configured address.",
	    NULL, NULL },
	{ "status", MEMBER_COUNT, true, "Of HTTP; 0: no answer.", NULL, NULL },
	{ "result", MEMBER_CHOICE, true,
	    "Blocked: an answer, but no feed. Waiting: a redirect is followed later.",
	    "ok|unchanged|failed|blocked|waiting", NULL },
	{ "kind", MEMBER_TEXT, false, "Of a failure, or of what it waits for.", NULL, NULL },
	{ "error", MEMBER_TEXT, false, "The same in words.", NULL, NULL },
	{ "items", MEMBER_COUNT, false, "How many the document held.", NULL, NULL },
	{ "new", MEMBER_COUNT, false, "How many of them were new.", NULL, NULL },
	{ "overlap", MEMBER_COUNT, false, "How many of them were known.", NULL, NULL },
	{ "revised", MEMBER_COUNT, false, "Records of items that were known.", NULL, NULL },
	{ "withdrawn", MEMBER_COUNT, false, "The same, of those that were taken out.", NULL, NULL },
	{ "held", MEMBER_COUNT, false, "Changes that were not recorded.", NULL, NULL },
	{ "left", MEMBER_COUNT, false, "New items that the next poll takes.", NULL, NULL },
	{ "tie", MEMBER_CHOICE, false, "By what the document is tied to the one read before it.",
	    "first|not_modified|same|overlap|known|empty|archive|after_empty|moved|cut|gap", NULL },
	{ "archive", MEMBER_COUNT, false, "Page of the feed's archive, from 1, and not the feed itself.",
	    NULL, NULL },
	{ "gap_at", MEMBER_TIME, false, "Gaps up to here are to be closed by it.", NULL, NULL },
	{ "archive_end", MEMBER_CHOICE, false, "How that ended.", "closed|last|limit|loop|elsewhere|failed",
	    NULL },
	{ "bytes", MEMBER_COUNT, true, "On the wire.", NULL, NULL },
	{ "ms", MEMBER_COUNT, true, "How long it took.", NULL, NULL },
	{ "whole", MEMBER_FLAG, false, "Asked for without the validators that are known.", NULL, NULL },
	{ "pushed", MEMBER_FLAG, false, "A hub sent it.", NULL, NULL },
	{ "recovered", MEMBER_FLAG, false, "The document was damaged.", NULL, NULL },
	{ "incomplete", MEMBER_FLAG, false, "It was not seen to its end.", NULL, NULL },
	{ "gap", MEMBER_FLAG, false, "Items may have been missed.", NULL, NULL },
	{ "next", MEMBER_TIME, true, "When the feed is asked again.", NULL, NULL },
	LAST,
};

static const struct member_row event_rows[] = {
	FIRST,
	{ "at", MEMBER_TIME, true, "When it was noticed.", NULL, NULL },
	{ "kind", MEMBER_CHOICE, true, "What happened.",
	    "feed_down|feed_silent|feed_up|gap|false_304|feed_moved", NULL },
	{ "feed", MEMBER_TEXT, true, "To which feed.", NULL, NULL },
	{ "key", MEMBER_KEY, true, "Of this event.", NULL, NULL },
	{ "reason", MEMBER_TEXT, false, "In words.", NULL, NULL },
	{ "since", MEMBER_TIME, false, "When it began.", NULL, NULL },
	{ "lasted_ms", MEMBER_COUNT, false, "How long it has lasted.", NULL, NULL },
	{ "failures", MEMBER_COUNT, false, "In a row.", NULL, NULL },
	{ "status", MEMBER_COUNT, false, "Of HTTP.", NULL, NULL },
	{ "error", MEMBER_TEXT, false, "The failure in words.", NULL, NULL },
	{ "usual_ms", MEMBER_COUNT, false, "Of a silent feed: the pause that is usual.", NULL, NULL },
	{ "from", MEMBER_TEXT, false, "Of a feed that moved: its address before.", NULL, NULL },
	{ "to", MEMBER_TEXT, false, "Its address now.", NULL, NULL },
	{ "archive", MEMBER_FLAG, false, "Of a gap: the feed's archive is being read.", NULL, NULL },
	LAST,
};

static const struct member_row review_rows[] = {
	FIRST,
	{ "at", MEMBER_TIME, true, "When it was written down.", NULL, NULL },
	{ "record", MEMBER_COUNT, true, "Number of the record in items.", NULL, NULL },
	{ "key", MEMBER_KEY, false, "Its own key, when that was given.", NULL, NULL },
	{ "also", MEMBER_COUNTS, false, "Other records of the same item, which are decided with it.", NULL,
	    NULL },
	{ "topic", MEMBER_TEXT, false, "Which of its topics, when that was given.", NULL, NULL },
	{ "verdict", MEMBER_CHOICE, true, "The last one about a record holds.", "confirmed|rejected", NULL },
	{ "by", MEMBER_TEXT, true, "Who decided.", NULL, NULL },
	{ "why", MEMBER_TEXT, true, "Why.", NULL, NULL },
	LAST,
};

static const struct members any = { "any", "A line of another store.", NULL, 0 };
static const struct member_row letter_rows[] = {
	FIRST,
	{ "at", MEMBER_TIME, true, "When it was given up.", NULL, NULL },
	{ "alert", MEMBER_TEXT, true, "Whose it is.", NULL, NULL },
	{ "delivery", MEMBER_TEXT, true, "Its idempotency key.", NULL, NULL },
	{ "attempts", MEMBER_COUNT, true, "How often it was tried.", NULL, NULL },
	{ "error", MEMBER_TEXT, true, "How the last try ended.", NULL, NULL },
	{ "record", MEMBER_OBJECT, false, "The whole record or event.", NULL, &any },
	{ "records", MEMBER_OBJECTS, false, "Of a delivery with several.", NULL, &any },
	{ "record_seq", MEMBER_COUNT, false, "Its number, when it is too large to be repeated.", NULL, NULL },
	LAST,
};

const struct members members_of_stores[] = {
	TABLE("record", "A record: a line of items, or of a topic's store.", record_rows),
	TABLE("poll", "A line of the ledger polls: what was asked and answered.", poll_rows),
	TABLE("event", "A line of events: what happened to a feed.", event_rows),
	TABLE("review", "A line of reviews: what people decided about a record.", review_rows),
	TABLE("letter", "A line of dead-letters: a delivery that was given up.", letter_rows),
};
const size_t members_store_count = ARRAY_LEN(members_of_stores);
