/*
 * hop: one transfer on an easy handle that is set up once and used again. Owns the handle's options and its callbacks:
 * where it may connect to, how much may come. Follows nothing: a redirect's next hop is fetch.c's decision.
 */
#include "daemon/net/hop.h"
#include "daemon/net/multi.h"

#include <arpa/inet.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES (64L << 10) /* of libcurl's read buffer: fewer calls for large feeds */
#define SEND_BUFFER_BYTES (16L << 10) /* of its write buffer; our requests have less than 4 kB */
/* The system's resolver caches as its TTLs say; libcurl's own cache would be walked whole for each request. Feeds of one host share a
 * connection, and with it the look-up. */
#define DNS_CACHE_S 0L
#define CA_CACHE_S                                                                                           \
	60L /* authorities are read anew so often; libcurl's own measure is a day, for which a corrected file would be none */
#define FRAMING_BYTES                                                                                        \
	((uint64_t)1                                                                                         \
	    << 20) /* that one answer may have around its body: handshake, headers, words of a proxy */
#define FRAMING_PER_BYTE 8u /* a chunk for each byte takes six */
#define PROGRESS_UNSEEN                                                                                      \
	6u /* calls, of 3 MB at most, before the first look: the answer to most polls is whole then */
#define BODY_RESERVE_MAX (1u << 20) /* bytes that a Content-Length alone makes us allocate */

static const struct {
	CURLoption option;
	long value;
} fixed_options[] = {
	{ CURLOPT_NOSIGNAL, 1 },
	{ CURLOPT_QUICK_EXIT, 1 },
	{ CURLOPT_FOLLOWLOCATION, 0 },
	{ CURLOPT_HTTPGET, 1 },
	{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS },
	{ CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC },
	{ CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC },
	{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
	{ CURLOPT_SSL_VERIFYPEER, 1 },
	{ CURLOPT_SSL_VERIFYHOST, 2 },
	{ CURLOPT_CA_CACHE_TIMEOUT, CA_CACHE_S },
	{ CURLOPT_DNS_CACHE_TIMEOUT, DNS_CACHE_S },
	{ CURLOPT_BUFFERSIZE, BUFFER_BYTES },
	{ CURLOPT_UPLOAD_BUFFERSIZE, SEND_BUFFER_BYTES },
	{ CURLOPT_NOPROGRESS, 0 },
	{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
	{ CURLOPT_HTTP09_ALLOWED, 0 },
	{ CURLOPT_HTTP_CONTENT_DECODING, 0 },
};

bool hop_may_reach(const struct fetch *x, const struct in6_addr *mapped, struct err *e)
{
	char text[INET6_ADDRSTRLEN] = "";
	const struct network *allow = (const void *)x->allow.p;
	if (!network_is_private(mapped))
		return true;
	for (size_t i = 0; i < x->allow.n / sizeof(*allow); i++) {
		if (network_contains(&allow[i], mapped))
			return true;
	}
	bool v4 = IN6_IS_ADDR_V4MAPPED(mapped);
	(void)inet_ntop(
	    v4 ? AF_INET : AF_INET6, v4 ? &mapped->s6_addr[12] : mapped->s6_addr, text, sizeof(text));
	return err_set(e, ERR_NET, 0, "%s is a private address, and allow_networks does not list it", text);
}

static curl_socket_t on_socket_wanted(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct fetch *x = ctx;
	struct in6_addr mapped;
	(void)purpose;
	x->phase = FETCH_CONNECT;
	if (!x->proxied && !network_from_sockaddr(&a->addr, &mapped)) {
		err_set(&x->refused, ERR_NET, 0, "an address of an unknown family");
		return CURL_SOCKET_BAD;
	}
	if (!x->proxied && !hop_may_reach(x, &mapped, &x->refused))
		return CURL_SOCKET_BAD;
	curl_socket_t fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	if (fd != CURL_SOCKET_BAD)
		multi_socket_opened(x, fd);
	return fd;
}

static int on_socket_unwanted(void *ctx, curl_socket_t fd)
{
	multi_socket_closes(ctx, fd);
	return close(fd);
}

/* Before libcurl decides about the connection: the idle ones stay within their bound, and for those that want one. */
static void decide_connection(struct fetch *x)
{
	const struct fetcher *f = x->owner;
	bool wanted = (x->keep_connection && f->keep.idle_ms > 0) || fetch_is_redirect(x->status);
	bool room = f->open < f->active + f->keep.connections;
	(void)curl_easy_setopt(x->easy, CURLOPT_FORBID_REUSE, wanted && room ? 0L : 1L);
}

static bool read_address(const char *text, struct in6_addr *mapped)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return network_from_sockaddr((const struct sockaddr *)&v4, mapped);
	return inet_pton(AF_INET6, text, mapped) == 1;
}

static bool has_leftovers(const struct fetch *x)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	return curl_easy_getinfo(x->easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd != CURL_SOCKET_BAD &&
	       multi_socket_has_rest(x->owner, fd);
}

/* What lies in a kept connection already would be taken for the answer; and it may have been opened for a request that was allowed more than this one.
 * Also, libcurl would ask over one of them after the other when each is closed instead of answered: the second time it is asked over a new one, libcurl's
 * or one of its own. */
static int on_connected(void *ctx, char *peer, char *local, int peer_port, int local_port)
{
	struct fetch *x = ctx;
	struct in6_addr mapped;
	long opened = 0;
	(void)local, (void)peer_port, (void)local_port;
	x->phase = FETCH_TRANSFER;
	(void)curl_easy_getinfo(x->easy, CURLINFO_NUM_CONNECTS, &opened);
	x->unheard = !x->fresh && opened == 0 && (x->asked || has_leftovers(x));
	x->asked = true;
	if (x->unheard)
		return CURL_PREREQFUNC_ABORT;
	if (x->proxied || (read_address(peer, &mapped) && hop_may_reach(x, &mapped, &x->error)))
		return CURL_PREREQFUNC_OK;
	err_set(&x->error, ERR_NET, 0, "connected to an address that cannot be read");
	return CURL_PREREQFUNC_ABORT;
}

/* 203 is a proxy's copy of a 200. */
static bool has_document(const struct fetch *x)
{
	return x->status == 200 || x->status == 203;
}

static bool is_encoded(const struct fetch *x)
{
	return x->head.value[HEAD_CONTENT_ENCODING].present;
}

/* False: the transfer ends here, with x->error or x->enough set. */
static bool head_ended(struct fetch *x)
{
	long status = 0;
	(void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	head_end(&x->head, (int)status);
	/* libcurl 7.88 believes it, and sends other requests over the connection as if it were one of HTTP/2. */
	if (status == 101)
		return err_set(
		    &x->error, ERR_HTTP, 0, "status 101: a change of protocol that nobody asked for");
	if (!x->head.complete)
		return true;
	x->status = (int)status;
	x->phase = FETCH_BODY;
	decide_connection(x);
	if (has_document(x) && x->head.has_length && x->head.length > x->body_max)
		return err_set(&x->error, ERR_LIMIT, 0, "the body has %llu bytes, body_max is %zu",
		    (unsigned long long)x->head.length, x->body_max);
	bool has_body = !has_document(x) && status != 204 && status != 304;
	x->enough = has_body && x->head.has_length && x->head.length > FETCH_ERROR_BODY_MAX;
	return !x->enough;
}

/* Of HTTP/2 the connection would be kept, and the rest of this answer counted as what comes with the next. */
static size_t cut_off(struct fetch *x)
{
	(void)curl_easy_setopt(x->easy, CURLOPT_FORBID_REUSE, 1L);
	return 0;
}

static size_t on_header_bytes(char *p, size_t size, size_t count, void *ctx)
{
	struct fetch *x = ctx;
	size_t n = size * count;
	bool first_head = !x->head.complete;
	if (!head_line(&x->head, str_of(p, n), &x->error))
		return cut_off(x);
	if (first_head && n > 0 && (p[0] == '\r' || p[0] == '\n') && !head_ended(x))
		return cut_off(x);
	return n;
}

/* The page of an error or a redirect: its beginning is enough, and the connection can be kept when it was short. */
static size_t take_beginning(struct fetch *x, const char *p, size_t n)
{
	size_t room = FETCH_ERROR_BODY_MAX - x->body.n;
	buf_add(&x->body, p, n < room ? n : room);
	x->enough = n > room;
	return x->enough ? 0 : n;
}

static bool reserve_body(struct fetch *x)
{
	size_t n = x->head.length < BODY_RESERVE_MAX ? (size_t)x->head.length : BODY_RESERVE_MAX;
	if (!x->head.has_length || n == 0)
		return true;
	return buf_reserve(&x->body, n) != NULL;
}

static size_t take_body(struct fetch *x, const char *p, size_t n)
{
	if (!has_document(x))
		return take_beginning(x, p, n);
	if (n > x->body_max - x->body.n) {
		err_set(&x->error, ERR_LIMIT, 0, "the body has more than %zu bytes (body_max)", x->body_max);
		return 0;
	}
	if (x->body.n == 0 && !reserve_body(x))
		return err_nomem(&x->error);
	buf_add(&x->body, p, n);
	return x->body.failed ? err_nomem(&x->error) : n;
}

static size_t on_body_bytes(char *p, size_t size, size_t count, void *ctx)
{
	size_t n = size * count;
	return take_body(ctx, p, n) == n ? n : cut_off(ctx);
}

/* The lengths and extensions of chunks and the padding of frames are in no count of libcurl's, so the kernel is asked. */
static bool has_too_much_around(struct fetch *x, uint64_t body)
{
	if (x->status == 0 || ++x->progress < PROGRESS_UNSEEN)
		return false;
	uint64_t all = multi_socket_received(x);
	if (x->progress == PROGRESS_UNSEEN)
		x->received_before = all;
	return all > FRAMING_BYTES + x->received_before + x->body_max + FRAMING_PER_BYTE * body;
}

/* The body as it came, packed. */
static int on_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up)
{
	struct fetch *x = ctx;
	uint64_t body = now > 0 ? (uint64_t)now : 0;
	(void)total, (void)up_total, (void)up;
	if (body > x->body_max && body > FETCH_ERROR_BODY_MAX)
		err_set(&x->error, ERR_LIMIT, 0, "more than %zu bytes were sent (body_max)", x->body_max);
	else if (has_too_much_around(x, body))
		err_set(&x->error, ERR_LIMIT, 0,
		    "%llu bytes of body came in far more bytes of chunk lengths, extensions or padding "
		    "(body_max is "
		    "%zu)",
		    (unsigned long long)body, x->body_max);
	else
		return 0;
	(void)cut_off(x);
	return 1;
}

static bool set_text(CURL *easy, CURLoption option, const char *value, struct err *e)
{
	return curl_easy_setopt(easy, option, value) == CURLE_OK || err_nomem(e);
}

bool hop_new(struct fetch *x, struct err *e)
{
	x->easy = curl_easy_init();
	if (!x->easy)
		return err_nomem(e);
	CURL *easy = x->easy;
	for (size_t i = 0; i < ARRAY_LEN(fixed_options); i++)
		(void)curl_easy_setopt(easy, fixed_options[i].option, fixed_options[i].value);
	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, x);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->why);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header_bytes);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body_bytes);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
	(void)curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	(void)curl_easy_setopt(easy, CURLOPT_XFERINFODATA, x);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket_wanted);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, x);
	(void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_socket_unwanted);
	(void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, x->owner);
	(void)curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
	(void)curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
	/* With a folder of certificates libcurl loads the whole store anew for each connection. */
	(void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	return set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https", e) &&
	       set_text(easy, CURLOPT_NOPROXY, "", e);
}

void hop_free(struct fetch *x)
{
	curl_easy_cleanup(x->easy);
	x->easy = NULL;
}

/* libcurl takes 0 for "never". */
static long at_least_one(int64_t n)
{
	return n < 1 ? 1 : n > LONG_MAX ? LONG_MAX : (long)n;
}

/* libcurl copies the form, for all hops. */
static bool set_method(CURL *easy, const char *form, struct err *e)
{
	if (!form)
		return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK || err_nomem(e);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, -1L);
	return set_text(easy, CURLOPT_COPYPOSTFIELDS, form, e);
}

static bool set_proxy(CURL *easy, const struct fetch_request *req, struct err *e)
{
	bool any = req->proxy && req->proxy[0];
	/* A proxy that is asked for a tunnel is told who asks; servers are by a line of ours. */
	return set_text(easy, CURLOPT_PROXY, any ? req->proxy : "", e) &&
	       set_text(easy, CURLOPT_USERAGENT, any ? req->user_agent : NULL, e) &&
	       set_text(easy, CURLOPT_PROXYUSERNAME, any ? req->proxy_username : NULL, e) &&
	       set_text(easy, CURLOPT_PROXYPASSWORD, any ? req->proxy_password : NULL, e);
}

bool hop_prepare(struct fetch *x, const struct fetch_request *req, const char *ca_file, struct err *e)
{
	CURL *easy = x->easy;
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, at_least_one(req->connect_timeout_ms));
	(void)curl_easy_setopt(
	    easy, CURLOPT_MAXAGE_CONN, at_least_one((x->owner->keep.idle_ms + 999) / 1000));
	(void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)req->low_speed_bytes);
	(void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)((req->low_speed_ms + 999) / 1000));
	return set_method(easy, req->post, e) &&
	       set_text(easy, CURLOPT_CAINFO, req->ca_file ? req->ca_file : ca_file, e) &&
	       set_text(easy, CURLOPT_PINNEDPUBLICKEY, req->pin, e) &&
	       set_text(easy, CURLOPT_SSLCERT, req->client_certificate, e) &&
	       set_text(easy, CURLOPT_SSLKEY, req->client_key, e) && set_proxy(easy, req, e);
}

bool hop_set_credentials(struct fetch *x, const char *username, const char *password, struct err *e)
{
	return set_text(x->easy, CURLOPT_USERNAME, username, e) &&
	       set_text(x->easy, CURLOPT_PASSWORD, password, e);
}

/* The next hop has another origin. A pin stays: what it does not fit is not believed. */
static bool drop_credentials(struct fetch *x, struct err *e)
{
	return hop_set_credentials(x, NULL, NULL, e) && set_text(x->easy, CURLOPT_SSLCERT, NULL, e) &&
	       set_text(x->easy, CURLOPT_SSLKEY, NULL, e);
}

static bool line_wanted(const struct fetch *x, unsigned line)
{
	if (x->line_at[line] == SIZE_MAX)
		return false;
	if (line == LINE_IF_NONE_MATCH || line == LINE_IF_MODIFIED_SINCE)
		return strcmp(x->text.p + x->validator_url_at, fetch_url(x, x->hop)) == 0;
	return line != LINE_AUTHORIZATION || x->credentials;
}

static void set_lines(struct fetch *x)
{
	struct curl_slist *first = NULL;
	x->conditional = false;
	for (unsigned i = LINE_COUNT; i-- > 0;) {
		if (!line_wanted(x, i))
			continue;
		x->lines[i] = (struct curl_slist){ x->text.p + x->line_at[i], first };
		first = &x->lines[i];
		x->conditional = x->conditional || i == LINE_IF_NONE_MATCH || i == LINE_IF_MODIFIED_SINCE;
	}
	(void)curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, first);
}

/* A proxy resolves names for us, out of our sight; an address written in the URL is still in it. */
static bool check_behind_proxy(const struct fetch *x, struct err *e)
{
	struct in6_addr address;
	if (!x->proxied || !target_literal(fetch_url(x, x->hop), &address))
		return true;
	return hop_may_reach(x, &address, e);
}

bool hop_begin(struct fetch *x, int64_t now_ms, struct err *e)
{
	int64_t left = x->timeout_ms - (now_ms - x->started_ms);
	head_reset(&x->head);
	buf_clear(&x->body);
	err_clear(&x->error);
	err_clear(&x->refused);
	x->phase = FETCH_DNS;
	x->status = 0;
	x->progress = 0;
	x->socket = CURL_SOCKET_BAD;
	x->enough = false;
	x->asked = x->unheard = x->gave_up = false;
	x->why[0] = '\0';
	if (left <= 0)
		return err_set(e, ERR_NET, 0, "time-out: all of it went into redirects");
	if (!check_behind_proxy(x, e))
		return false;
	(void)curl_easy_setopt(x->easy, CURLOPT_TIMEOUT_MS, at_least_one(left));
	(void)curl_easy_setopt(x->easy, CURLOPT_FRESH_CONNECT, x->fresh ? 1L : 0L);
	set_lines(x);
	if (!x->credentials && !drop_credentials(x, e))
		return false;
	return set_text(x->easy, CURLOPT_URL, fetch_url(x, x->hop), e);
}

static const struct {
	int status;
	const char *text;
} refused_statuses[] = {
	{ 206, "status 206: a part of the document that nobody asked for" },
	{ 300, "status 300: several choices, none is followed" },
	{ 305, "status 305: use of a proxy is not taken from a server" },
	{ 306, "status 306 means nothing any more" },
};

/* Behind a tunnel or SOCKS no word of the proxy's looks like a server's. */
static bool may_be_the_proxys(const struct fetch *x)
{
	return x->http_proxied && str_starts_nocase(str_from(fetch_url(x, x->hop)), STR("http:"));
}

static void judge_status(struct fetch *x)
{
	if (x->status == 0)
		err_set(&x->error, ERR_HTTP, 0, "interim answers only, no final one");
	if (x->status == 407 && may_be_the_proxys(x))
		failure_explain_proxy(x, x->status);
	if (x->status == 304 && !x->conditional)
		err_set(&x->error, ERR_HTTP, 0, "status 304 to a request without validators");
	for (size_t i = 0; i < ARRAY_LEN(refused_statuses); i++) {
		if (refused_statuses[i].status == x->status)
			err_set(&x->error, ERR_HTTP, 0, "%s", refused_statuses[i].text);
	}
}

/* libcurl would take such bytes for the beginning of the next answer, perhaps another feed's. (Behind TLS those that wait already may be TLS's own.) */
void hop_drop_leftovers(struct fetch *x)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	if (!str_starts_nocase(str_from(fetch_url(x, x->hop)), STR("http:")))
		return;
	if (curl_easy_getinfo(x->easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd != CURL_SOCKET_BAD)
		multi_socket_drop_rest(fd);
}

/* A body that did not come whole, or whose beginning is all that was wanted, is not worth unpacking. */
static void unpack(struct fetch *x)
{
	if (!is_encoded(x))
		return;
	if (x->error.kind != ERR_NONE || !has_document(x))
		buf_clear(&x->body);
	else if (!decode_body(x->owner->decoder, head_get(&x->head, HEAD_CONTENT_ENCODING), x->body_max,
	             &x->body, &x->error))
		x->phase = FETCH_BODY;
}

bool hop_found_dead_connections(const struct fetch *x, CURLcode code)
{
	long opened = 0;
	(void)curl_easy_getinfo(x->easy, CURLINFO_NUM_CONNECTS, &opened);
	return x->unheard || (code == CURLE_SEND_ERROR && x->status == 0 && opened == 0);
}

void hop_end(struct fetch *x, CURLcode code)
{
	curl_off_t wire = 0;
	(void)curl_easy_getinfo(x->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire);
	x->wire_bytes = wire > 0 ? (uint64_t)wire : 0;
	if (code != CURLE_OK && !x->enough)
		failure_explain(x, code);
	unpack(x);
	judge_status(x);
}
