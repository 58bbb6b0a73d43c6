/* network: address blocks. The lists of special-purpose blocks follow IANA's registries (RFC 6890 and its successors). */
#include "daemon/base/network.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <sys/un.h>

#define UNIX_PREFIX "unix:"

#define MAPPED_BITS 96 /* bits of ::ffff:0:0/96 before the IPv4 address */

static struct in6_addr mapped_of(const uint8_t v4[4])
{
	struct in6_addr a = { .s6_addr = { [10] = 0xff, [11] = 0xff } };
	memcpy(a.s6_addr + 12, v4, 4);
	return a;
}

static bool read_numbers(int family, struct str text, void *out)
{
	char z[INET6_ADDRSTRLEN];
	if (text.n == 0 || text.n >= sizeof(z))
		return false;
	memcpy(z, text.p, text.n);
	z[text.n] = '\0';
	return inet_pton(family, z, out) == 1;
}

bool network_parse_ipv6(struct str text, struct in6_addr *out)
{
	return read_numbers(AF_INET6, text, out);
}

/* The address alone; *offset: bits before the first that a prefix may count. */
static bool parse_address(struct str text, struct in6_addr *out, unsigned *offset)
{
	uint8_t v4[4];
	*offset = 0;
	if (network_parse_ipv6(text, out))
		return true;
	if (!read_numbers(AF_INET, text, v4))
		return false;
	*out = mapped_of(v4);
	*offset = MAPPED_BITS;
	return true;
}

bool network_contains(const struct network *n, const struct in6_addr *mapped)
{
	size_t bytes = n->prefix / 8;
	unsigned bits = n->prefix % 8;
	if (memcmp(n->address.s6_addr, mapped->s6_addr, bytes) != 0)
		return false;
	if (bits == 0)
		return true;
	return (n->address.s6_addr[bytes] ^ mapped->s6_addr[bytes]) >> (8 - bits) == 0;
}

/* Whether a bit behind the prefix is set: "10.0.0.1/8" is a slip of the pen. */
static bool has_host_bits(const struct network *n)
{
	for (unsigned i = n->prefix; i < 128; i++)
		if (n->address.s6_addr[i / 8] >> (7 - i % 8) & 1)
			return true;
	return false;
}

bool network_parse(struct str text, struct network *out, struct err *e)
{
	struct str whole = str_trim(text);
	struct str prefix = whole;
	bool has_prefix = str_find_byte(whole, '/', 0) != SIZE_MAX;
	struct str address = str_cut(&prefix, '/');
	unsigned offset = 0;
	unsigned long long bits = 0;
	int shown = whole.n > 80 ? 80 : (int)whole.n;
	if (!parse_address(address, &out->address, &offset))
		return err_set(
		    e, ERR_CONFIG, 0, "'%.*s' is no address or network", shown, whole.p ? whole.p : "");
	out->prefix = 128;
	if (!has_prefix)
		return true;
	if (!str_to_u64(prefix, &bits) || bits > 128 - offset)
		return err_set(
		    e, ERR_CONFIG, 0, "'%.*s': the prefix is 0 to %u bits", shown, whole.p, 128 - offset);
	out->prefix = (unsigned)bits + offset;
	if (has_host_bits(out))
		return err_set(e, ERR_CONFIG, 0, "'%.*s': bits are set behind the prefix", shown, whole.p);
	return true;
}

bool network_from_sockaddr(const struct sockaddr *sa, struct in6_addr *mapped)
{
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 six;
		memcpy(&six, sa, sizeof(six));
		*mapped = six.sin6_addr;
		return true;
	}
	if (sa->sa_family != AF_INET)
		return false;
	struct sockaddr_in four;
	uint8_t bytes[4];
	memcpy(&four, sa, sizeof(four));
	memcpy(bytes, &four.sin_addr, sizeof(bytes));
	*mapped = mapped_of(bytes);
	return true;
}

struct block4 {
	uint8_t address[4];
	unsigned prefix;
};

static const struct block4 private4[] = {
	{ { 0, 0, 0, 0 }, 8 }, /* this network; Linux connects 0.0.0.0 to itself */
	{ { 10, 0, 0, 0 }, 8 }, /* private use */
	{ { 100, 64, 0, 0 }, 10 }, /* shared address space; metadata of one cloud */
	{ { 127, 0, 0, 0 }, 8 }, /* loopback */
	{ { 168, 63, 129, 16 }, 32 }, /* one cloud's host agent, reachable from inside only */
	{ { 169, 254, 0, 0 }, 16 }, /* link local; metadata of most clouds */
	{ { 172, 16, 0, 0 }, 12 }, /* private use */
	{ { 192, 0, 0, 0 }, 24 }, /* protocol assignments; metadata of one cloud */
	{ { 192, 0, 2, 0 }, 24 }, /* documentation */
	{ { 192, 88, 99, 0 }, 24 }, /* 6to4 relays, withdrawn */
	{ { 192, 168, 0, 0 }, 16 }, /* private use */
	{ { 198, 18, 0, 0 }, 15 }, /* benchmarking */
	{ { 198, 51, 100, 0 }, 24 }, /* documentation */
	{ { 203, 0, 113, 0 }, 24 }, /* documentation */
	{ { 224, 0, 0, 0 }, 4 }, /* multicast */
	{ { 240, 0, 0, 0 }, 4 }, /* reserved, broadcast */
};

static const struct network private6[] = {
	{ { .s6_addr = { [15] = 1 } }, 128 }, /* loopback */
	{ { .s6_addr = { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 } }, 48 }, /* NAT64 of a site's own */
	{ { .s6_addr = { 0x01, 0x00 } }, 64 }, /* discard */
	{ { .s6_addr = { 0x20, 0x01, 0x00, 0x02 } }, 48 }, /* benchmarking */
	{ { .s6_addr = { 0x20, 0x01, 0x00, 0x10 } }, 28 }, /* ORCHID, withdrawn */
	{ { .s6_addr = { 0x20, 0x01, 0x00, 0x20 } }, 28 }, /* ORCHIDv2 */
	{ { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8 } }, 32 }, /* documentation */
	{ { .s6_addr = { 0x3f, 0xff } }, 20 }, /* documentation */
	{ { .s6_addr = { 0x5f, 0x00 } }, 16 }, /* segment routing */
	{ { .s6_addr = { 0xfc } }, 7 }, /* unique local */
	{ { .s6_addr = { 0xfe, 0x80 } }, 10 }, /* link local */
	{ { .s6_addr = { 0xfe, 0xc0 } }, 10 }, /* site local, withdrawn */
	{ { .s6_addr = { 0xff } }, 8 }, /* multicast */
};

/* Blocks whose addresses carry an IPv4 address: it is judged in their stead. */
static const struct carrier {
	struct network block;
	unsigned at; /* first of the four bytes */
	uint8_t flip; /* Teredo writes the client's address inverted */
} carriers[] = {
	{ { { .s6_addr = { [10] = 0xff, [11] = 0xff } }, 96 }, 12, 0x00 }, /* mapped */
	{ { { .s6_addr = { 0 } }, 96 }, 12, 0x00 }, /* compatible; :: itself is 0.0.0.0 */
	{ { { .s6_addr = { [8] = 0xff, [9] = 0xff } }, 96 }, 12, 0x00 }, /* SIIT, ::ffff:0:a.b.c.d */
	{ { { .s6_addr = { 0x00, 0x64, 0xff, 0x9b } }, 96 }, 12, 0x00 }, /* NAT64 */
	{ { { .s6_addr = { 0x20, 0x02 } }, 16 }, 2, 0x00 }, /* 6to4 */
	{ { { .s6_addr = { 0x20, 0x01, 0x00, 0x00 } }, 32 }, 4, 0x00 }, /* Teredo: server */
	{ { { .s6_addr = { 0x20, 0x01, 0x00, 0x00 } }, 32 }, 12, 0xff }, /* Teredo: client */
};

static bool is_private4(const uint8_t v4[4])
{
	struct in6_addr mapped = mapped_of(v4);
	for (size_t i = 0; i < ARRAY_LEN(private4); i++) {
		struct network n = { mapped_of(private4[i].address), private4[i].prefix + MAPPED_BITS };
		if (network_contains(&n, &mapped))
			return true;
	}
	return false;
}

/* ISATAP: any prefix, interface identifier 0[02]00:5efe and the IPv4 address. */
static bool is_isatap(const uint8_t *a)
{
	return (a[8] & 0xfd) == 0 && a[9] == 0 && a[10] == 0x5e && a[11] == 0xfe;
}

bool network_is_private(const struct in6_addr *mapped)
{
	for (size_t i = 0; i < ARRAY_LEN(private6); i++)
		if (network_contains(&private6[i], mapped))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(carriers); i++) {
		uint8_t v4[4];
		if (!network_contains(&carriers[i].block, mapped))
			continue;
		for (unsigned k = 0; k < 4; k++)
			v4[k] = mapped->s6_addr[carriers[i].at + k] ^ carriers[i].flip;
		if (is_private4(v4))
			return true;
	}
	return is_isatap(mapped->s6_addr) && is_private4(mapped->s6_addr + 12);
}

static bool parse_port(struct str text, in_port_t *out)
{
	unsigned long long port;
	if (!str_to_u64(text, &port) || port > UINT16_MAX)
		return false;
	*out = htons((uint16_t)port);
	return true;
}

static bool parse_endpoint6(struct str text, struct sockaddr_in6 *out)
{
	unsigned offset;
	size_t end = str_find(text, STR("]:"), 0);
	*out = (struct sockaddr_in6){ .sin6_family = AF_INET6 };
	return end != SIZE_MAX && parse_address(str_of(text.p + 1, end - 1), &out->sin6_addr, &offset) &&
	       offset == 0 && parse_port(str_skip(text, end + 2), &out->sin6_port);
}

static bool parse_endpoint4(struct str text, struct sockaddr_in *out)
{
	struct in6_addr mapped;
	unsigned offset;
	struct str port = text;
	struct str address = str_cut(&port, ':');
	*out = (struct sockaddr_in){ .sin_family = AF_INET };
	if (!parse_address(address, &mapped, &offset) || offset != MAPPED_BITS)
		return false;
	memcpy(&out->sin_addr, mapped.s6_addr + 12, sizeof(out->sin_addr));
	return parse_port(port, &out->sin_port);
}

/* sun_path ends with a NUL; relative ones would depend on where somebody stood. */
static bool parse_endpoint_path(struct str path, struct sockaddr_un *out)
{
	if (path.n < 2 || path.p[0] != '/' || path.n >= sizeof(out->sun_path))
		return false;
	out->sun_family = AF_UNIX;
	memcpy(out->sun_path, path.p, path.n);
	return true;
}

bool network_parse_endpoint(struct str text, struct sockaddr_storage *out, struct err *e)
{
	struct str whole = str_trim(text);
	bool six = str_starts(whole, STR("["));
	if (str_starts(whole, STR(UNIX_PREFIX))
	        ? parse_endpoint_path(
	              str_skip(whole, sizeof(UNIX_PREFIX) - 1), (struct sockaddr_un *)(void *)out)
	    : six ? parse_endpoint6(whole, (struct sockaddr_in6 *)(void *)out)
	          : parse_endpoint4(whole, (struct sockaddr_in *)(void *)out))
		return true;
	return err_set(e, ERR_CONFIG, 0, "expected address:port, such as 127.0.0.1:8090, or unix:/path");
}
