/*
 * fetch_priv: what the parts of net/ share. A fetch is a chain of hops; each hop is one transfer of libcurl's.
 * fetch.c owns the chain, multi.c the multi handle, hop.c one transfer, target.c URLs, decode.c what a body is packed in, failure.c the words
 * for what went wrong.
 */
#ifndef NET_FETCH_PRIV_H
#define NET_FETCH_PRIV_H

#include "daemon/net/decode_priv.h"
#include "daemon/net/fetch.h"
#include "daemon/net/head_priv.h"
#include "daemon/net/target_priv.h"

#include <curl/curl.h>
#include <netinet/in.h>

#define FETCH_ERROR_BODY_MAX (32u << 10) /* bytes of an answer other than 200 that are read and kept */
#define FETCH_REST_BYTES                                                                                     \
	(8u << 10) /* bytes of a buffer that a resting fetch keeps: most answers have no body */
#define FETCH_ALLOW_MAX 256u /* networks in one request */

/* The lines of a request that we write ourselves, in this order: libcurl 7.88 puts its own together twice, byte by byte. */
enum fetch_line {
	LINE_USER_AGENT,
	LINE_ACCEPT,
	LINE_ENCODING,
	LINE_LANGUAGE,
	LINE_IF_NONE_MATCH,
	LINE_IF_MODIFIED_SINCE,
	LINE_AUTHORIZATION,
	LINE_COUNT
};

struct fetcher {
	CURLM *multi; /* NULL: the next request makes one */
	struct fetch_reactor reactor;
	struct fetch_keep keep;
	unsigned open; /* connections, idle or not */
	struct fetch_socket *sockets; /* by descriptor */
	curl_socket_t *fresh; /* opened within a call of libcurl */
	size_t socket_room, fresh_count;
	bool gave_up; /* some fetch did */
	const char *ca_file;
	struct decoder *decoder;
	struct fetch *running, *resting;
	size_t active, resting_count;
};

struct fetch {
	struct fetcher *owner;
	struct fetch *next, *previous; /* in the owner's running list, or (next only) in its resting one */
	bool running, lost; /* lost: with the multi handle that it ran over */
	CURL *easy;
	fetch_done_f *done;
	void *ctx;

	/* what was asked */
	struct buf text; /* the lines and the validators' URL, each with a NUL behind it */
	size_t line_at[LINE_COUNT]; /* into text; SIZE_MAX: absent */
	size_t validator_url_at;
	struct curl_slist lines[LINE_COUNT];
	struct buf allow; /* of struct network */
	size_t body_max;
	unsigned redirects_max;
	int64_t started_ms, timeout_ms;
	bool posts; /* a form; else GET */
	bool proxied, http_proxied; /* http_proxied: by one that itself answers what is asked in plain text */
	bool keep_connection;
	bool credentials; /* still sent: every hop so far had the first one's origin */

	/* the chain: url 0 is the one asked for, url i where redirect i pointed */
	struct buf urls; /* each with a NUL behind it */
	size_t url_at[NET_REDIRECTS_MAX + 2];
	int redirect_status[NET_REDIRECTS_MAX + 2];
	unsigned hop; /* index of the current URL */

	/* the hop that runs */
	struct head head;
	struct buf body;
	struct err error; /* the first failure; what libcurl says about our own abort is not another */
	struct err refused; /* an address that may not be reached; only an error when no other one worked */
	enum fetch_phase phase;
	int status;
	bool conditional; /* validators were sent */
	bool fresh; /* not over a kept connection: it is wanted so, or they all turned out to be dead */
	bool asked, unheard; /* once already; it was closed instead of answered */
	bool enough; /* of an answer whose body nobody reads: cut off on purpose */
	bool refused_target; /* the last URL of the chain was not followed */
	bool gave_up; /* an address */
	bool waits; /* because it was not to be followed yet */
	curl_socket_t socket; /* that its answer was waited for on; or CURL_SOCKET_BAD */
	uint64_t received_before; /* over it, when that was first looked at */
	unsigned progress; /* calls since the answer's head was whole */
	uint64_t wire_bytes;
	char why[CURL_ERROR_SIZE];
};

/* Empty when memory ran out while the chain grew: a failed buffer has let go of all. */
static inline const char *fetch_url(const struct fetch *x, unsigned i)
{
	return x->urls.failed ? "" : x->urls.p + x->url_at[i];
}

/* A redirect's next hop is often at the same host. */
static inline bool fetch_is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* redirect.c: appends the next URL to the chain. False: there is none, or, with x->error or x->waits, one that is not followed. */
bool redirect_leads_on(struct fetch *x);

/* failure.c: fills x->error unless something did before. */
void failure_explain(struct fetch *x, CURLcode code);
/* The proxy itself gave this status, not a server behind it. */
void failure_explain_proxy(struct fetch *x, int status);

#endif
