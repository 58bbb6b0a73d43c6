/* learned: packed, every eight bytes are one that tells which of them are not zero, and those; up to the last that is not. */
#include "daemon/pipe/learned.h"

#include <string.h>

size_t learned_pack(const struct learned *l, char packed[LEARNED_PACKED_MAX])
{
	const char *bytes = (const char *)l;
	size_t n = 0, end = 0;

	for (size_t i = 0; i < sizeof(*l); i += 8) {
		size_t which = n++;
		unsigned set = 0;

		for (size_t k = 0; k < 8 && i + k < sizeof(*l); k++)
			if (bytes[i + k]) {
				set |= 1u << k;
				packed[n++] = bytes[i + k];
			}
		packed[which] = (char)set;
		end = set ? n : end;
	}
	return end;
}

void learned_unpack(struct str packed, struct learned *out)
{
	char *bytes = (char *)out;
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < sizeof(*out) && n < packed.n; i += 8) {
		unsigned set = (unsigned char)packed.p[n++];

		for (unsigned k = 0; k < 8; k++)
			if (set >> k & 1u)
				bytes[i + k] = packed.p[n++];
	}
}
