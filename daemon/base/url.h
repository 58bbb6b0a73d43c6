/*
 * url: RFC 3986 references: taking apart, resolving, and the canonical form under which two links are one.
 * Pure functions; results live in the caller's buffer.
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "daemon/base/buf.h"
#include "daemon/base/str.h"

#include <stdint.h>

#define URL_MAX 8192 /* bytes; longer links are not followed or kept as links */

struct url { /* views into the text */
	struct str scheme, user, host, path, query, fragment;
	uint16_t port; /* 0: none stated */
	bool has_authority, has_query, has_fragment, host_is_ipv6;
};

/* False only when no component can be told apart (bad port, unclosed '['); a relative reference is fine. */
bool url_parse(struct str text, struct url *out);

/* Appends `ref` resolved against `base` (RFC 3986 section 5.2; browsers' leniency: white space is stripped, spaces
 * and non-ASCII bytes are percent-encoded, '\' is left alone). With an empty base appends ref cleaned. */
void url_resolve(struct str base, struct str ref, struct buf *out);

/* The key under which links are compared: scheme and host in lower case, http = https, default port, fragment (unless it
 * is a "#!" route), tracking parameters (utm_*, fbclid, gclid, mc_cid, …), session ids, dot segments, trailing slash dropped; percent-encoding
 * normalised. Appends; never a URL to fetch. */
void url_canonical(struct str url, struct buf *out);

/* http or https with a host. */
bool url_is_http(struct str url);

/* "host" or "host:port" in lower case, the unit of politeness. False when there is none. */
bool url_host_key(struct str url, struct buf *out);

/* True for javascript:, vbscript:, data: and other schemes that must never reach a reader's click. */
bool url_is_unsafe(struct str url);

#endif
