/* Any bytes as a compressed file, with whatever table of frames: it is read to its end or found damaged, from its start and from each frame that the
 * table names; and what comes from the frames is never more than what there is room for. */
#include "daemon/store/zst.h"
#include "tests/fuzz/one_file.h"

#include <assert.h>

#define TEXT_MAX (8u << 20) /* bytes that are unpacked of one input: a few bytes may stand for gigabytes */
#define FRAMES_MAX 16u

/* False: damaged. */
static bool read_on(struct zst *z)
{
	struct err e = { .kind = ERR_NONE };
	struct buf out;
	bool more = true, ok = true;
	size_t total = 0;

	buf_init(&out, ZST_CHUNK_MAX);
	while (ok && more && total < TEXT_MAX) {
		buf_clear(&out);
		ok = zst_read(z, &out, &more, &e);
		assert(ok || e.kind == ERR_PARSE);
		assert(out.n <= ZST_CHUNK_MAX);
		total += out.n;
	}
	buf_fini(&out);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { .kind = ERR_NONE };
	struct zst *z;
	bool whole;

	one_file = str_of((const char *)data, size);
	if (!zst_open(one_file_disk(), "", &z, &e))
		return 0;
	whole = read_on(z);
	for (uint32_t i = 0; i < zst_frames(z) && i < FRAMES_MAX; i++) {
		zst_seek_frame(z, i);
		(void)read_on(z);
	}
	zst_seek_frame(z, 0);
	assert(read_on(z) == whole); /* a start from the beginning is one, whatever was read before */
	zst_close(&z);
	return 0;
}
