/*
 * job: what a worker does: a body in, finished records out. A pure function of its input and the classifier; runs in the sandbox.
 * Both frames cross a process border: encode here, decode as if hostile.
 */
#ifndef PIPE_JOB_H
#define PIPE_JOB_H

#include "classifiers/classify.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/feed/feed.h"
#include "daemon/pipe/members.h"

#include <stdint.h>

#define JOB_ITEMS_MAX                                                                                        \
	5000 /* new items of one poll; the next polls take what is left. The largest real feed seen has 2,000 */
#define JOB_LISTED_MAX                                                                                       \
	50000 /* items of one document that are looked at: their names take 9 MB in a worker, a window 3 MB */
#define JOB_ANSWER_MAX (256u << 20) /* bytes of one answer frame */
#define JOB_REQUEST_MAX                                                                                      \
	(128u << 20) /* bytes of one request frame: a body of CONF_BODY_MAX, known names, headers */
#define JOB_TITLE_MAX 2048 /* bytes of a title in a record */
#define JOB_SUMMARY_MAX (8u << 10) /* bytes of a summary in a record */
#define JOB_TEXT_MAX (256u << 10) /* bytes of content_text in a record */
#define JOB_ALIASES_MAX 3 /* id, link, and both with the content */
#define JOB_LINK_MAX 4096 /* bytes of an address that the document names */
#define JOB_KEY_LEN 32 /* hex digits of a record's key */

struct job { /* a request; strings are views */
	uint64_t id;
	struct str feed; /* name: seeds the hashes */
	struct str url; /* after redirects: base of relative references */
	struct str language; /* configured, or absent */
	struct str content_type, content_language, content_location;
	int32_t assume_minutes;
	int64_t cpu_budget_ms;
	/* Little-endian u64: prints of items that are in the log as they are; they come back as stubs. While a document is read in pages
	 * also their aliases: of what changed only what is new under every name is waited for. */
	struct str known;
	struct str body;
};

struct job_topic {
	uint32_t topic; /* index into the classifier's list */
	double score;
	enum cls_decision decision;
};

/* An alias that several items of one document share says nothing by itself. */
enum job_alias_use {
	ALIAS_STRONG, /* alone among its document's items: known means the same item; remembered */
	ALIAS_WEAK, /* shared: known only together with the same content; not remembered */
	ALIAS_LOOK, /* only looked up: remembered in documents where the others are weak */
	ALIAS_USES
};

struct job_alias {
	uint64_t hash;
	enum job_alias_use use;
};

struct job_item {
	struct job_alias aliases[JOB_ALIASES_MAX];
	unsigned alias_count;
	uint32_t content; /* hash of title, text and link: what it says */
	uint32_t members[MEMBERS]; /* hashes of what it says, one by one */
	int64_t published; /* wall seconds; 0: not known */
	uint64_t print; /* hash of all aliases and the content: this item, unchanged */
	bool stub; /* its print was among the known: no body, no topics */
	struct str key; /* hex, stable: the idempotency key's root */
	struct str body; /* members of the record between "feed" and "case": `"key":…,…,"model":"…"` */
	struct str head; /* the part of it behind the key: `,"id":…,"url":…,"title":…` */
	struct str url; /* as in the record, or empty */
	struct str fingerprint; /* encoded and in range */
	const struct job_topic *topics; /* those with a decision */
	size_t topic_count;
};

struct job_answer { /* decoded; everything lives in the arena or is a view into the frame */
	uint64_t id;
	struct err error; /* ERR_NONE: it is a feed */
	enum feed_format format;
	bool recovered, complete;
	struct str title, language, encoding, note;
	struct str archive; /* address of a document with older items (RFC 5005), or empty */
	struct str hub, self; /* WebSub: addresses, or empty */
	int64_t ttl_ms; /* -1: none */
	uint32_t skip_hours;
	uint8_t skip_days;
	uint64_t item_total; /* seen in the document, also those beyond JOB_LISTED_MAX */
	uint64_t
	    left; /* new ones that are not among the items: more than JOB_ITEMS_MAX, or than fit into a frame */
	const struct job_item *items; /* in document order, without exact repetitions */
	size_t item_count;
};

void job_encode(const struct job *job, struct buf *out);
bool job_decode(struct str frame, struct job *job, struct err *e) MUST_CHECK; /* views into frame */

/* Parses, hashes, classifies; appends an answer frame (also on failure: an answer with its error). False: out of memory. */
bool job_run(const struct job *job, const struct classifier *c, struct cls_scratch *scratch, struct buf *out,
    struct err *e) MUST_CHECK;

bool job_answer_decode(
    struct str frame, size_t topic_count, struct arena *a, struct job_answer *out, struct err *e) MUST_CHECK;

#endif
