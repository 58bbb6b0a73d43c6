/*
 * http_server: a scripted server on 127.0.0.1 for tests of the fetcher: it says exactly the bytes that a rule holds, however wrong,
 * and keeps every request as it came. Runs in threads of the test; the port is the kernel's choice.
 */
#ifndef FAKE_HTTP_SERVER_H
#define FAKE_HTTP_SERVER_H

#include "daemon/base/str.h"

#include <stdint.h>

struct http_server;

enum http_end { /* after the bytes were sent */
	HTTP_KEEP, /* wait for the next request on this connection */
	HTTP_CLOSE,
	HTTP_RESET, /* a TCP reset */
	HTTP_STALL, /* say nothing more until the client leaves */
	HTTP_REPEAT, /* the last piece again and again, until the client leaves */
};

struct http_rule {
	const char *path; /* with its query; "*": every path without a rule of its own */
	struct str head; /* sent first; may be empty */
	struct str body; /* sent behind it */
	size_t piece; /* bytes of the body per send; 0: all at once */
	enum http_end end;
};

struct http_server *http_server_new(void); /* aborts the test program when it cannot listen */
void http_server_free(struct http_server **s);
unsigned http_server_port(const struct http_server *s);

/* Copies the rule; one with the same path is replaced. */
void http_server_rule(struct http_server *s, const struct http_rule *rule);
/* "HTTP/1.1 <status>", the header lines (each with \r\n), Content-Length, the body; keeps the connection. */
void http_server_answer(
    struct http_server *s, const char *path, const char *status, const char *headers, struct str body);

size_t http_server_requests(struct http_server *s);
/* The head of request i as it came (a copy that the caller frees), or NULL. */
char *http_server_request(struct http_server *s, size_t i);
size_t http_server_connections(struct http_server *s);
void http_server_forget(struct http_server *s); /* the requests and the count of connections */

#endif
