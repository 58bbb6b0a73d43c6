/* chain: sealing lines. */
#include "daemon/pipe/chain.h"

#include <string.h>

void chain_init(struct chain *c)
{
	c->seq = 0;
	memset(c->hex, '0', sizeof(c->hex));
}

void chain_open_line(const struct chain *c, struct buf *out)
{
	buf_str(out, STR("{\"v\":1,\"seq\":"));
	buf_u64(out, c->seq + 1);
}

void chain_seal_line(struct chain *c, struct buf *out, size_t start)
{
	uint8_t digest[SHA256_LEN];

	if (out->failed)
		return;
	sha256((const struct str[]){ { c->hex, SHA256_HEX }, { out->p + start, out->n - start } }, 2, digest);
	hex_encode(digest, sizeof(digest), c->hex);
	c->seq++;
	buf_str(out, STR(",\"chain\":\""));
	buf_add(out, c->hex, SHA256_HEX);
	buf_str(out, STR("\"}\n"));
}

bool chain_follow(struct chain *c, uint64_t seq, struct str line)
{
	return line.n > 0 && chain_resume(c, seq, str_of(line.p, line.n - 1));
}

bool chain_resume(struct chain *c, uint64_t seq, struct str text)
{
	struct str tail;

	if (text.n < CHAIN_TAIL_LEN - 1)
		return false;
	tail = str_skip(text, text.n - (CHAIN_TAIL_LEN - 1));
	if (!str_starts(tail, STR(",\"chain\":\"")))
		return false;
	c->seq = seq;
	memcpy(c->hex, tail.p + sizeof(",\"chain\":\"") - 1, SHA256_HEX);
	return true;
}

void chain_encode(const struct chain *c, struct buf *out)
{
	buf_le64(out, c->seq);
	buf_add(out, c->hex, SHA256_HEX);
}

bool chain_decode(struct rd *r, struct chain *c)
{
	uint64_t seq = rd_le64(r);
	struct str hex = rd_bytes(r, SHA256_HEX);

	if (r->failed)
		return false;
	c->seq = seq;
	memcpy(c->hex, hex.p, SHA256_HEX);
	return true;
}
