/* Any bytes as a seal: one that is taken says exactly what would be written, and its signature stands behind all of it. */
#include "daemon/store/seal.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str line = str_of((const char *)data, size);
	struct err e = { .kind = ERR_NONE };
	struct seal seal;
	struct str key;
	struct buf out;

	if (!seal_parse(line, &seal))
		return 0;
	key = seal.key;
	buf_init(&out, 2 * SEAL_MAX);
	assert(seal_write(&seal, NULL, &out, &e));
	assert(str_ends(buf_view(&out), STR("}\n")));
	out.n -= 2;
	if (key.n == 0)
		assert(out.n + 1 == line.n);
	assert(str_starts(line, buf_view(&out)));
	buf_fini(&out);
	return 0;
}
