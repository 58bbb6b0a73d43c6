/* target: where a request goes next, by the URL parser that libcurl connects with. Owns nothing. */
#ifndef NET_TARGET_PRIV_H
#define NET_TARGET_PRIV_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/str.h"

#include <netinet/in.h>

/* Results are appended, each with a NUL behind it. */
struct target_move {
	bool same_origin; /* scheme, host and port */
	bool downgrade; /* from https to http */
};
bool target_resolve(const char *from, struct str location, struct buf *to, struct target_move *move,
    struct err *e) MUST_CHECK;
struct target_user { /* curl_free both */
	char *name, *password;
};
bool target_strip(const char *url, struct buf *bare, struct target_user *user, struct err *e) MUST_CHECK;
/* The address when the host is one, in whatever spelling, or localhost. Names beyond ASCII are read in the process' character set. */
bool target_literal(const char *url, struct in6_addr *mapped);

#endif
