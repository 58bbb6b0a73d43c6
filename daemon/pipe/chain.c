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

/* The members are written as an object of their own, whose opening brace becomes a comma and which the chain closes. */
struct json *chain_line_open(struct chain_line *l, struct chain *c, struct buf *out)
{
	l->chain = c;
	l->start = out->n;
	chain_open_line(c, out);
	l->members = out->n;
	json_init(&l->w, out);
	json_open_object(&l->w);
	return &l->w;
}

void chain_line_close(struct chain_line *l)
{
	struct buf *out = l->w.out;

	if (out->failed)
		return;
	out->p[l->members] = ',';
	chain_seal_line(l->chain, out, l->start);
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

bool chain_holds(const struct chain *c, struct str text)
{
	uint8_t digest[SHA256_LEN];
	char hex[SHA256_HEX];
	struct chain next;

	if (!chain_resume(&next, c->seq + 1, text))
		return false;
	text.n -= CHAIN_TAIL_LEN - 1;
	sha256((const struct str[]){ { c->hex, SHA256_HEX }, text }, 2, digest);
	hex_encode(digest, sizeof(digest), hex);
	return memcmp(hex, next.hex, sizeof(hex)) == 0;
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

void chains_init(struct chains *c)
{
	chain_init(&c->items);
	chain_init(&c->polls);
	chain_init(&c->letters);
	chain_init(&c->events);
}

void chains_encode(const struct chains *c, struct buf *out)
{
	chain_encode(&c->items, out);
	chain_encode(&c->polls, out);
	chain_encode(&c->letters, out);
	chain_encode(&c->events, out);
}

bool chains_decode(struct str blob, struct chains *c)
{
	struct rd r = { blob.p, blob.n, false };

	chains_init(c);
	return chain_decode(&r, &c->items) && chain_decode(&r, &c->polls) && chain_decode(&r, &c->letters) &&
	       (r.n == 0 || chain_decode(&r, &c->events));
}
