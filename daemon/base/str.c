/* str: looking at slices. Never allocates, never writes. */
#include "daemon/base/str.h"

#include <limits.h>
#include <stdint.h>

static unsigned char lower(char c)
{
	unsigned char u = (unsigned char)c;
	return u >= 'A' && u <= 'Z' ? (unsigned char)(u | 0x20) : u;
}

static bool same_nocase(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool str_eq_nocase(struct str a, struct str b)
{
	return a.n == b.n && same_nocase(a.p, b.p, a.n);
}

bool str_starts_nocase(struct str s, struct str prefix)
{
	return s.n >= prefix.n && same_nocase(s.p, prefix.p, prefix.n);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_skip(struct str s, size_t n)
{
	if (n == 0)
		return s;
	if (n > s.n)
		n = s.n;
	return (struct str){ s.p ? s.p + n : NULL, s.n - n };
}

size_t str_find(struct str s, struct str needle, size_t from)
{
	if (from > s.n)
		return SIZE_MAX;
	if (needle.n == 0)
		return from;
	if (from == s.n)
		return SIZE_MAX;
	const char *hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t str_find_byte(struct str s, char c, size_t from)
{
	if (from >= s.n)
		return SIZE_MAX;
	const char *hit = memchr(s.p + from, (unsigned char)c, s.n - from);
	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t str_find_nocase(struct str s, struct str needle, size_t from)
{
	if (from > s.n || needle.n > s.n - from)
		return SIZE_MAX;
	if (needle.n == 0)
		return from;
	unsigned char first = lower(needle.p[0]);
	for (size_t i = from; i <= s.n - needle.n; i++)
		if (lower(s.p[i]) == first && same_nocase(s.p + i, needle.p, needle.n))
			return i;
	return SIZE_MAX;
}

struct str str_cut(struct str *rest, char sep)
{
	struct str head = *rest;
	size_t at = str_find_byte(*rest, sep, 0);
	if (at == SIZE_MAX) {
		*rest = (struct str){ NULL, 0 };
		return head;
	}
	head.n = at;
	*rest = str_skip(*rest, at + 1);
	return head;
}

bool str_among(struct str list, char sep, struct str one)
{
	while (list.n)
		if (str_eq(str_trim(str_cut(&list, sep)), one))
			return true;
	return false;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n > 0 ? memcmp(a.p, b.p, n) : 0;
	if (order != 0)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

bool str_to_u64(struct str s, unsigned long long *out)
{
	unsigned long long v = 0;
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		unsigned digit = (unsigned)(s.p[i] - '0');
		if (v > (ULLONG_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return true;
}
