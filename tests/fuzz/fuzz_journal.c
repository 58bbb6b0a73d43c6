/* Any bytes as a segment of the journal; and as the entries of a group whose checksums are right, as if a newer or a broken version had written
 * them: what is found lies in the file, and entries in their group. */
#include "daemon/store/journal_priv.h"
#include "tests/fuzz/one_file.h"

#include <assert.h>

#define GROUPS_MAX 64u
#define BYTES_MAX (1u << 20) /* of a group: a header may speak of a gigabyte that is not there */

struct bounds {
	const char *begin, *end;
	uint64_t last;
};

static bool lies_in(const struct bounds *b, struct str s)
{
	return s.n == 0 || (s.p >= b->begin && s.p + s.n <= b->end);
}

static journal_each_f on_entry;
static bool on_entry(void *ctx, const struct journal_entry *entry)
{
	struct bounds *b = ctx;

	assert(lies_in(b, entry->routes) && lies_in(b, entry->meta) && lies_in(b, entry->line));
	assert(entry->lsn > b->last);
	b->last = entry->lsn;
	return true;
}

static void read_segment(const struct segment *s)
{
	struct err e = { .kind = ERR_NONE };
	int64_t offset = JOURNAL_PAGE;
	struct group_header h;
	struct buf payload;

	buf_init(&payload, BYTES_MAX);
	for (unsigned i = 0;
	     i < GROUPS_MAX && segment_next_group(one_file_disk(), 0, s, &offset, 1, UINT64_MAX, &h, &e);
	     i++, offset += JOURNAL_PAGE) {
		assert(offset % JOURNAL_PAGE == 0 && offset < s->size);
		if (h.bytes > BYTES_MAX || !segment_read_group(one_file_disk(), 0, offset, &h, &payload, &e))
			continue;
		struct bounds b = { payload.p, payload.p + payload.n, h.first_lsn - 1 };
		group_walk(payload.p, payload.n, h.first_lsn, h.count, 0, on_entry, &b);
	}
	buf_fini(&payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct segment s = { 0 };
	struct bounds b = { (const char *)data, (const char *)data + size, 0 };

	one_file = str_of((const char *)data, size);
	if (segment_check(one_file_disk(), "", 1, &s) == SEGMENT_OK)
		read_segment(&s);
	s = (struct segment){ .generation = 1, .first_lsn = 1, .size = (int64_t)size };
	read_segment(&s);
	if (size > 0)
		group_walk((const char *)data, size, 1, 1000, 0, on_entry, &b);
	return 0;
}
