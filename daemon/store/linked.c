/* linked: the end of a chained line. Owns nothing. */
#include "daemon/store/linked.h"

#define KEY ",\"chain\":\""
#define TAIL (sizeof(KEY) - 1 + SHA256_HEX + 2) /* bytes from the key to the closing brace */

bool linked_split(struct str line, struct str *body, struct str *hex)
{
	uint8_t bytes[SHA256_LEN];
	struct str tail;

	if (line.n < TAIL)
		return false;
	tail = str_skip(line, line.n - TAIL);
	*body = str_of(line.p, line.n - TAIL);
	*hex = str_of(tail.p + sizeof(KEY) - 1, SHA256_HEX);
	return str_starts(tail, STR(KEY)) && str_ends(tail, STR("\"}")) &&
	       hex_decode(*hex, bytes, sizeof(bytes));
}

bool linked_fits(const char before[SHA256_HEX], struct str body, struct str hex)
{
	uint8_t digest[SHA256_LEN];
	char is[SHA256_HEX];

	sha256((const struct str[]){ { before, SHA256_HEX }, body }, 2, digest);
	hex_encode(digest, sizeof(digest), is);
	return str_eq(str_of(is, sizeof(is)), hex);
}
