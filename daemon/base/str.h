/* str: a slice of bytes owned by somebody else. Not terminated; may hold NULs; {NULL, 0} is "absent". */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
/* For printf's %.*s; cuts at INT_MAX, which no bounded buffer reaches. */
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct str str_from(const char *z)
{
	return z ? (struct str){ z, strlen(z) } : (struct str){ NULL, 0 };
}

static inline struct str str_of(const void *p, size_t n)
{
	return (struct str){ p, n };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

/* ASCII only: the names of protocols and markup. */
bool str_eq_nocase(struct str a, struct str b);
bool str_starts_nocase(struct str s, struct str prefix);

/* Without ASCII white space (space, \t \n \v \f \r) at both ends. */
struct str str_trim(struct str s);
struct str str_skip(struct str s, size_t n); /* n is cut to s.n */

/* Index of the first match at or after `from`, or SIZE_MAX. */
size_t str_find(struct str s, struct str needle, size_t from);
size_t str_find_byte(struct str s, char c, size_t from);
size_t str_find_nocase(struct str s, struct str needle, size_t from);

/* Cuts *rest at the next `sep`: returns what stood before it, moves *rest behind it.
 * At the end returns what is left and sets *rest to {NULL, 0}. */
struct str str_cut(struct str *rest, char sep);
/* Is it one of the pieces between `sep`, blanks around them apart? */
bool str_among(struct str list, char sep, struct str one);

/* memcmp order, shorter first. */
int str_cmp(struct str a, struct str b);

/* Decimal digits only, whole slice; false on anything else and on overflow. */
bool str_to_u64(struct str s, unsigned long long *out);

#endif
