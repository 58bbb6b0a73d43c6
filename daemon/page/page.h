/*
 * page: a request for one of the daemon's read-only pages -> the bytes of its answer. It reads the status file and the stores as they are on the disk, so
 * it needs no part of the running daemon and holds up none. Any thread; bounded in what it reads and in what it makes.
 */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include "daemon/base/buf.h"
#include "daemon/base/date.h"
#include "daemon/base/fs.h"

#define PAGE_PATH_MAX 512u /* bytes of a path or a query; longer ones are refused */
#define PAGE_ETAG_MAX 24u

/* Nothing is loaded from elsewhere, nothing runs that is not ours, nobody frames it. */
#define PAGE_POLICY                                                                                          \
	"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "      \
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

struct page_source {
	const struct fs *fs;
	const char *directory; /* of the stores */
	const char *state_directory; /* of the status file */
	int64_t now; /* wall ms */
};

struct page_request {
	struct str path; /* decoded, begins with '/' */
	struct str query; /* as it was sent, without '?' */
	struct str if_none_match, if_modified_since, last_event_id; /* of the headers, or absent */
};

struct page_answer {
	unsigned status;
	const char *content_type;
	char etag[PAGE_ETAG_MAX]; /* quoted; "": none */
	char last_modified[DATE_HTTP_MAX]; /* "": not known */
	struct buf body; /* empty with 304 */
};

/* Always fills *out, with an error page when need be; page_fini afterwards. */
void page_make(const struct page_source *source, const struct page_request *request, struct page_answer *out);
void page_fini(struct page_answer *a);

#endif
