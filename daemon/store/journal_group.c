/*
 * journal_group: entries that become durable together, in the bytes in which they stand on the disk.
 * Owns one buffer. Knows nothing of files. A group has one header and one checksum: it is found whole or not at all.
 *
 * Header: le32 magic, le32 crc of the header's rest, le64 generation, le64 first lsn, le32 entries, le32 bytes, le32 crc of the bytes, le32 zero.
 * Entry: le32 type, le32 length of routes, of meta, of line; then these three.
 */
#include "daemon/store/journal_priv.h"

#include "daemon/base/hash.h"

#include <endian.h>
#include <stdlib.h>

#define GROUP_MAGIC 0x31475a47u /* "GZG1" */

struct journal_group *journal_group_new(void)
{
	struct journal_group *g = calloc(1, sizeof(*g));

	if (g)
		buf_init(&g->bytes, (size_t)JOURNAL_GROUP_MAX + JOURNAL_PAGE);
	return g;
}

void journal_group_free(struct journal_group **g)
{
	if (!*g)
		return;
	buf_fini(&(*g)->bytes);
	free(*g);
	*g = NULL;
}

void journal_group_start(struct journal_group *g, uint64_t first_lsn)
{
	if (g->bytes.failed)
		buf_fini(&g->bytes);
	buf_relax(&g->bytes);
	g->first_lsn = first_lsn;
	g->count = 0;
}

static bool entry_within_limits(const struct journal_entry *n, struct err *e)
{
	if (n->line.n > JOURNAL_LINE_MAX)
		return err_set(e, ERR_LIMIT, 0, "journal: a line of %zu bytes", n->line.n);
	if (n->meta.n > JOURNAL_META_MAX)
		return err_set(e, ERR_LIMIT, 0, "journal: meta of %zu bytes", n->meta.n);
	if (n->routes.n > JOURNAL_META_MAX)
		return err_set(e, ERR_LIMIT, 0, "journal: routes of %zu bytes", n->routes.n);
	return true;
}

bool journal_group_add(struct journal_group *g, const struct journal_entry *entry, struct err *e)
{
	struct buf *b = &g->bytes;
	size_t need = ENTRY_HEADER + entry->routes.n + entry->meta.n + entry->line.n;
	char *header;

	if (!entry_within_limits(entry, e))
		return false;
	if (need > JOURNAL_GROUP_MAX - GROUP_HEADER - b->n)
		return err_set(e, ERR_LIMIT, 0, "journal: a group beyond %u bytes", JOURNAL_GROUP_MAX);
	header = buf_reserve(b, GROUP_HEADER + need + JOURNAL_PAGE);
	if (!header)
		return err_nomem(e);
	if (g->count == 0)
		buf_grown(b, GROUP_HEADER);
	buf_le32(b, entry->type);
	buf_le32(b, (uint32_t)entry->routes.n);
	buf_le32(b, (uint32_t)entry->meta.n);
	buf_le32(b, (uint32_t)entry->line.n);
	buf_str(b, entry->routes);
	buf_str(b, entry->meta);
	buf_str(b, entry->line);
	g->count++;
	return true;
}

size_t journal_group_count(const struct journal_group *g)
{
	return g->count;
}

size_t journal_group_bytes(const struct journal_group *g)
{
	return g->bytes.n;
}

bool journal_group_each(const struct journal_group *g, journal_each_f *each, void *ctx)
{
	if (g->count == 0)
		return true;
	return group_walk(
	    g->bytes.p + GROUP_HEADER, g->bytes.n - GROUP_HEADER, g->first_lsn, g->count, 0, each, ctx);
}

bool group_walk(const char *payload, size_t n, uint64_t first_lsn, uint32_t count, uint64_t from,
    journal_each_f *each, void *ctx)
{
	struct rd r = { payload, n, false };

	for (uint32_t i = 0; i < count; i++) {
		struct journal_entry entry = { .lsn = first_lsn + i, .type = rd_le32(&r) };
		uint32_t routes = rd_le32(&r), meta = rd_le32(&r), line = rd_le32(&r);

		entry.routes = rd_bytes(&r, routes);
		entry.meta = rd_bytes(&r, meta);
		entry.line = rd_bytes(&r, line);
		if (r.failed)
			return false;
		if (entry.lsn >= from && !each(ctx, &entry))
			return false;
	}
	return true;
}

static void put32(char *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

static void put64(char *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof(v));
}

static uint32_t get32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static uint64_t get64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

size_t group_seal(const struct journal_group *g, uint64_t generation)
{
	char *p = g->bytes.p;
	size_t payload = g->bytes.n - GROUP_HEADER;
	size_t total = (size_t)page_round(g->bytes.n);

	put32(p, GROUP_MAGIC);
	put64(p + 8, generation);
	put64(p + 16, g->first_lsn);
	put32(p + 24, g->count);
	put32(p + 28, (uint32_t)payload);
	put32(p + 32, crc32c(0, p + GROUP_HEADER, payload));
	put32(p + 36, 0);
	put32(p + 4, crc32c(0, p + 8, GROUP_HEADER - 8));
	memset(p + g->bytes.n, 0, total - g->bytes.n);
	return total;
}

bool group_header_decode(const char *p, struct group_header *h)
{
	if (get32(p) != GROUP_MAGIC || get32(p + 4) != crc32c(0, p + 8, GROUP_HEADER - 8))
		return false;
	h->generation = get64(p + 8);
	h->first_lsn = get64(p + 16);
	h->count = get32(p + 24);
	h->bytes = get32(p + 28);
	h->crc = get32(p + 32);
	return h->count > 0 && h->bytes <= JOURNAL_GROUP_MAX;
}

bool group_payload_valid(const struct group_header *h, const char *payload)
{
	return crc32c(0, payload, h->bytes) == h->crc;
}
