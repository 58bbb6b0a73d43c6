/*
 * journal_segment: the segment files of the journal: names, headers, making one, finding groups in one. Private to the journal.
 *
 * A segment file: one page of header, then groups, each at the start of a page and padded with zeros to the end of one. A page is
 * therefore never written twice in one generation: a write that is torn inside a page cannot hurt an acknowledged group.
 */
#ifndef STORE_JOURNAL_SEGMENT_H
#define STORE_JOURNAL_SEGMENT_H

#include "daemon/base/buf.h"
#include "daemon/base/fs.h"

#include <limits.h>
#include <stdint.h>

#define JOURNAL_PAGE 4096u /* bytes; the unit in which disks and the page cache tear */
#define JOURNAL_VERSION 1u
#define GROUP_HEADER 40u /* bytes */
#define ENTRY_HEADER 16u /* bytes */
#define JOURNAL_PATH_MAX (PATH_MAX + 32)

struct group_header {
	uint64_t generation; /* of the segment: content of its earlier lives never fits */
	uint64_t first_lsn;
	uint32_t count; /* entries */
	uint32_t bytes; /* of the entries */
	uint32_t crc; /* of the entries */
};

enum segment_kind { SEGMENT_LIVE, SEGMENT_SPARE, SEGMENT_TEMPORARY, SEGMENT_BAD, SEGMENT_KINDS };

struct segment {
	uint64_t generation; /* unique for ever; also the file's name */
	uint64_t first_lsn;
	int64_t size; /* bytes of the file */
};

static inline int64_t page_round(uint64_t n)
{
	return (int64_t)((n + JOURNAL_PAGE - 1) / JOURNAL_PAGE * JOURNAL_PAGE);
}

void segment_path(
    const char *directory, uint64_t generation, enum segment_kind kind, char out[JOURNAL_PATH_MAX]);
bool segment_name_parse(const char *name, uint64_t *generation, enum segment_kind *kind);

/* Makes a durable segment out of `spare` (a generation; 0: none, writes zeros once) and leaves it open in *fd. `group`, sealed for it, may stand
 * in it from the start. */
bool segment_create(const struct fs *fs, const char *directory, const struct segment *want, uint64_t spare,
    struct str group, int *fd, struct err *e) MUST_CHECK;

enum segment_check { SEGMENT_OK, SEGMENT_FOREIGN, SEGMENT_RECYCLED, SEGMENT_NEWER, SEGMENT_UNREADABLE };
enum segment_check segment_check(
    const struct fs *fs, const char *path, uint64_t generation, struct segment *out);

/* Finds the group at *offset, or the next one behind damage whose lsn lies in [from, below). Moves *offset to it. False: none, or e is
 * filled: what cannot be read now is not taken for damage, it may be there tomorrow. */
bool segment_next_group(const struct fs *fs, int fd, const struct segment *s, int64_t *offset, uint64_t from,
    uint64_t below, struct group_header *h, struct err *e);
/* Reads its entries into out (replacing what is there). False with e filled: memory, disk; false without: damaged. */
bool segment_read_group(const struct fs *fs, int fd, int64_t offset, const struct group_header *h,
    struct buf *out, struct err *e) MUST_CHECK;

#endif
