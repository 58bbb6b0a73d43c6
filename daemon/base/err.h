/*
 * err: one error, made by the caller and filled by the first failure.
 * A function that can fail returns bool (true: it worked) and takes struct err * last.
 * Kinds exist only where the reaction differs; the engine maps kind to reaction.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "daemon/base/attr.h"

#include <stdbool.h>

enum err_kind {
	ERR_NONE,
	ERR_NOMEM, /* allocation failed: drop the work, try later */
	ERR_IO, /* the disk said no: nothing may be marked as done */
	ERR_NET, /* DNS, connect, TLS, time-out */
	ERR_HTTP, /* the server answered, but not with a feed */
	ERR_PARSE, /* input is not what it should be */
	ERR_LIMIT, /* a named limit was reached */
	ERR_CONFIG, /* the operator must act */
	ERR_BUSY, /* someone else holds it */
	ERR_KINDS
};

struct err {
	enum err_kind kind;
	int sys; /* errno, or 0 */
	int line; /* line of the input that is at fault, or 0 */
	char text[232];
};

/* Fills *e unless it is filled already (or NULL). Always returns false, so that callers can
 * `return err_set(e, …)`. With sys != 0 the system's text for it is appended. Keeps UTF-8 whole when it cuts. */
bool err_set(struct err *e, enum err_kind kind, int sys, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* The same, with the line of the input. */
bool err_set_line(struct err *e, enum err_kind kind, int line, const char *fmt, ...) PRINTF_LIKE(4, 5);

bool err_nomem(struct err *e);
void err_clear(struct err *e);

/* "nomem", "io", … for logs and the polls ledger. Never NULL. */
const char *err_kind_name(enum err_kind kind);

#endif
