/* fetching: one fetcher on a test reactor, and results that outlive their callback. */
#ifndef FAKE_FETCHING_H
#define FAKE_FETCHING_H

#include "daemon/net/fetch.h"
#include "tests/fake/http_server.h"
#include "tests/fake/reactor.h"

#define FETCHING_REDIRECTS 12
#define FETCHING_CONNECTIONS 16 /* idle ones that are kept */

struct outcome { /* strings are copies that outcome_fini frees; "" when absent */
	struct err error;
	enum fetch_phase phase;
	int status;
	char *body;
	size_t body_n;
	char *final_url, *etag, *last_modified, *content_type, *cache_control, *retry_after, *link, *address;
	size_t redirect_count;
	struct {
		int status;
		char *url;
	} redirect[FETCHING_REDIRECTS];
	bool waits;
	uint64_t wire_bytes;
	unsigned calls;
	struct waiting *waiting;
};

struct fetching {
	struct reactor reactor;
	struct fetcher *fetcher;
	struct network loopback; /* 127.0.0.0/8 */
	unsigned started, done; /* since the last fetching_wait */
};

void fetching_open(struct fetching *f);
void fetching_close(struct fetching *f);
/* A request for a loopback server: generous times, 1 MiB, 5 redirects, loopback allowed. */
struct fetch_request fetching_request(const struct fetching *f, const char *url);
/* Starts; the outcome is filled when fetching_wait returns. Fails the test when it is refused. */
struct fetch *fetching_start(struct fetching *f, const struct fetch_request *req, struct outcome *out);
void fetching_wait(struct fetching *f);
/* After fetch_cancel or fetcher_close: this outcome will not come. */
void fetching_forget(struct fetching *f, struct outcome *out);
/* All in one. */
void fetching_get(struct fetching *f, const struct fetch_request *req, struct outcome *out);
void outcome_fini(struct outcome *o);

#endif
