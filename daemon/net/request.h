/* request: what is asked of a server and what came back. Plain data: no libcurl, no libuv. */
#ifndef NET_REQUEST_H
#define NET_REQUEST_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/network.h"
#include "daemon/base/str.h"

#include <stdint.h>

/* bytes of an ETag or Last-Modified that are kept; longer ones are not sent back */
#define NET_VALIDATOR_MAX 1024
#define NET_REDIRECTS_MAX 10 /* hops that a configuration may allow */

struct fetch_keep { /* for the next requests */
	unsigned requests; /* what so many of them need besides */
	unsigned connections; /* idle ones */
	int64_t idle_ms; /* older ones are not used again; 0: none is kept */
};

struct fetch_request { /* fetch_start copies all of it */
	const char *url;
	const char *etag; /* verbatim, or NULL */
	const char *last_modified; /* verbatim, or NULL */
	/* The URL that gave them (final_url of that answer): they are sent to this one only, also behind a redirect. NULL: url. */
	const char *validator_url;
	const char *
	    post; /* NULL: GET; else a form that is posted. Of redirects only 307 and 308 are followed then. */
	const char *user_agent;
	const char *accept_language; /* or NULL */
	const char *ca_file; /* or NULL: the system's bundle */
	const char *pin; /* of the server's public key: sha256//…, or NULL */
	const char *client_certificate,
	    *client_key; /* PEM files, or NULL; a key in the certificate's file needs no name */
	const char *proxy; /* or NULL: none (the environment is never asked) */
	const char *proxy_username, *proxy_password; /* or NULL; for the proxy alone, never for a server */
	const char *username, *password, *bearer; /* or NULL; never sent to another host */
	const char *
	    secret_missing; /* NULL, or the file of a secret that could not be read: nothing is asked without it */
	int64_t timeout_ms, connect_timeout_ms;
	int64_t low_speed_ms; /* less than low_speed_bytes per second for so long: given up; 0: never */
	int64_t low_speed_bytes;
	size_t body_max; /* bytes after decompression */
	unsigned redirects_max;
	bool keep_connection; /* another request to this host is near: worth an idle connection */
	bool fresh_connection; /* not over an idle one: closed without an answer, it was asked just once */
	const struct network *allow; /* private networks that may be reached */
	size_t allow_count;
};

enum fetch_phase { /* where it failed; for hints */
	FETCH_DNS,
	FETCH_CONNECT,
	FETCH_TLS,
	FETCH_TRANSFER,
	FETCH_BODY
};

struct fetch_redirect { /* also one that was refused: then it is the last */
	int status;
	struct str url; /* where it pointed, resolved */
};

struct fetch_result { /* given once per request; views until the callback returns */
	/* kind ERR_NONE: an HTTP answer of whatever status, complete as far as HTTP can tell */
	struct err error;
	enum fetch_phase phase; /* how far it came */
	int status; /* of the last answer; 0 when none */
	/* Decompressed; the receiver may take it (buf_take). Of answers other than 200 and 203 only the beginning is kept, and
	 * nothing when it is compressed. */
	struct buf *body;
	struct str final_url; /* without credentials */
	/* raw header values; absent when the server sent none that can be sent back */
	struct str etag, last_modified;
	struct str content_type, content_language, content_location;
	struct str cache_control, expires, retry_after, date, age, link;
	struct str
	    challenge; /* what a wall before the server wants of browsers: "challenge", "captcha"; or absent */
	const struct fetch_redirect *redirects;
	size_t redirect_count;
	bool
	    waits; /* the last redirect says how long to wait before it is followed (retry_after): it was not */
	uint64_t wire_bytes; /* of the body as transferred */
	int64_t elapsed_ms;
	struct str address; /* numeric peer */
};

#endif
