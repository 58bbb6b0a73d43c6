/* store_lines: see the header. */
#include "tests/fake/store_lines.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t pad_length(unsigned id)
{
	if (id == 23)
		return 50000; /* larger than a segment */
	return id % 9 == 4 ? 5000 : id * 37 % 200;
}

size_t store_line_make(unsigned id, unsigned attempt, char *out)
{
	size_t n = (size_t)snprintf(
	    out, STORE_LINE_ROOM, "{\"v\":1,\"seq\":%u,\"attempt\":%u,\"text\":\"", id, attempt);
	uint32_t x = id * 2654435761u + attempt;

	for (size_t i = pad_length(id); i > 0; i--) {
		x = x * 1664525u + 1013904223u;
		out[n++] = (char)('a' + (x >> 24) % 16);
	}
	memcpy(out + n, "\"}\n", 4);
	return n + 3;
}

unsigned store_line_number(struct str line, const char *name)
{
	size_t at = str_find(line, str_from(name), 0);

	return at == SIZE_MAX ? 0 : (unsigned)strtoul(line.p + at + strlen(name), NULL, 10);
}
