/* network: blocks of addresses, and which addresses a poller must never be lured to. Pure functions. */
#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H

#include "daemon/base/err.h"
#include "daemon/base/str.h"

#include <netinet/in.h>

struct network {
	struct in6_addr address; /* IPv4 as ::ffff:a.b.c.d */
	unsigned prefix; /* bits of the mapped form, 0..128 */
};

/* "10.0.0.0/8", "::1", "192.0.2.7"; false with the reason in e. */
bool network_parse(struct str text, struct network *out, struct err *e) MUST_CHECK;
/* An address alone, without brackets: "2001:db8::1". */
bool network_parse_ipv6(struct str text, struct in6_addr *out);
bool network_contains(const struct network *n, const struct in6_addr *mapped);

/* "192.0.2.7:80", "[2001:db8::1]:80"; addresses alone, no names. False with the reason in e. */
struct sockaddr_storage;
bool network_parse_endpoint(struct str text, struct sockaddr_storage *out, struct err *e) MUST_CHECK;

/* IPv4 as mapped IPv6; false for other families. */
bool network_from_sockaddr(const struct sockaddr *sa, struct in6_addr *mapped);

/* Loopback, private, shared (100.64/10), link-local and metadata, unique-local, multicast, reserved, unspecified, and every mapped, compatible or
 * translated (NAT64, 6to4, Teredo) spelling of them. */
bool network_is_private(const struct in6_addr *mapped);

#endif
