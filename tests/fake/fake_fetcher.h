/* fake_fetcher: a scripted network. Each address has an answer that stands until it is replaced; answers come after a virtual delay. */
#ifndef FAKE_FETCHER_H
#define FAKE_FETCHER_H

#include "daemon/pipe/ports.h"
#include "tests/fake/virtual_clock.h"

#define FAKE_PENDING_MAX 4096
#define FAKE_ASKED_MAX 65536

struct fake_answer {
	char *url;
	int status; /* 0: error */
	enum err_kind error;
	char *body, *etag, *last_modified, *retry_after, *cache_control, *content_type, *challenge,
	    *link; /* owned, or NULL */
	char *
	    redirect; /* the address that really answers: validators of another one do not reach it; owned, or NULL */
	bool waits; /* it is not to be followed before retry_after */
	bool moved; /* for good: by 301 and not 302 */
	bool stubborn; /* 304 to whatever validator was sent */
	bool conditional; /* 304 when a validator that was sent is the current one */
	int64_t latency;
};

struct fake_asked { /* one request as it came */
	int64_t at; /* monotonic */
	char *url, *etag, *last_modified;
	char *post; /* the form, or NULL */
	bool fresh_connection, pinned;
};

struct fake_fetcher {
	struct virtual_clock *clock;
	struct fake_answer *answers;
	size_t answer_count;
	struct fake_pending {
		uint64_t id;
		int64_t due;
		char *url, *etag, *last_modified;
	} * pending;
	size_t pending_count, pending_most;
	struct fake_asked *asked;
	size_t asked_count;
};

void fake_fetcher_init(struct fake_fetcher *f, struct virtual_clock *clock);
void fake_fetcher_fini(struct fake_fetcher *f);
struct port_fetcher fake_fetcher_port(struct fake_fetcher *f);
void fake_fetcher_forget_pending(struct fake_fetcher *f); /* the process that asked is gone */

/* The answer of this address, emptied; made when new. */
struct fake_answer *fake_fetcher_answer(struct fake_fetcher *f, const char *url);

int64_t fake_fetcher_next(const struct fake_fetcher *f);
/* Gives the earliest due answer, if there is one. */
typedef void fake_fetched_f(void *ctx, uint64_t id, const struct fetch_result *r);
bool fake_fetcher_deliver(struct fake_fetcher *f, fake_fetched_f *give, void *ctx);

#endif
