/* seal: one line: writing, reading, hashing, checking. Strict: what is read must be what would be written. */
#include "daemon/store/seal.h"

static void put_text(struct buf *out, const char *key, struct str value)
{
	buf_fmt(out, ",\"%s\":\"", key);
	buf_str(out, value);
	buf_byte(out, '"');
}

static void put_number(struct buf *out, const char *key, uint64_t value)
{
	buf_fmt(out, ",\"%s\":", key);
	buf_u64(out, value);
}

static void put_members(const struct seal *s, struct buf *out)
{
	buf_str(out, STR("{\"v\":1"));
	put_text(out, "store", s->store);
	put_text(out, "file", s->file);
	put_number(out, "first", s->first);
	put_number(out, "last", s->last);
	put_number(out, "bytes", (uint64_t)s->bytes);
	put_text(out, "before", str_of(s->before, SHA256_HEX));
	put_text(out, "chain", str_of(s->chain, SHA256_HEX));
	put_text(out, "root", str_of(s->root, SHA256_HEX));
	put_text(out, "previous", str_of(s->previous, SHA256_HEX));
	if (s->key.n > 0)
		put_text(out, "key", s->key);
}

static bool sign(struct seal *s, const struct sign_key *key, struct str text, struct err *e)
{
	struct buf message;
	bool ok;

	buf_init(&message, SEAL_MAX);
	buf_str(&message, STR(SEAL_DOMAIN));
	buf_str(&message, text);
	ok = message.failed ? err_nomem(e) : sign_make(key, buf_view(&message), s->signature, e);
	buf_fini(&message);
	return ok;
}

static void put_end(const struct seal *s, struct buf *out)
{
	char hex[2 * SIGN_LEN];

	hex_encode(s->signature, SIGN_LEN, hex);
	if (s->key.n > 0)
		put_text(out, "signature", str_of(hex, sizeof(hex)));
	buf_str(out, STR("}\n"));
}

bool seal_write(struct seal *s, const struct sign_key *key, struct buf *out, struct err *e)
{
	size_t start = out->n;

	s->key = key ? str_of(sign_key_id(key), SIGN_ID_HEX) : (struct str){ NULL, 0 };
	put_members(s, out);
	if (out->failed)
		return err_nomem(e);
	if (key && !sign(s, key, str_of(out->p + start, out->n - start), e))
		return false;
	put_end(s, out);
	return !out->failed || err_nomem(e);
}

struct cursor {
	struct str left;
	bool failed;
};

static struct str take(struct cursor *c, const char *key, char end)
{
	size_t stop;
	struct str value = { NULL, 0 };

	c->failed |= !str_starts(c->left, str_from(key));
	if (c->failed)
		return value;
	c->left = str_skip(c->left, strlen(key));
	stop = str_find_byte(c->left, end, 0);
	c->failed = stop == SIZE_MAX;
	if (c->failed)
		return value;
	value = str_of(c->left.p, stop);
	c->left = str_skip(c->left, stop + (end == '"'));
	return value;
}

static uint64_t take_number(struct cursor *c, const char *key)
{
	unsigned long long v = 0;
	struct str text = take(c, key, ',');

	c->failed |= !str_to_u64(text, &v);
	return v;
}

static void take_hex(struct cursor *c, const char *key, uint8_t *bytes, size_t n, char *copy)
{
	struct str text = take(c, key, '"');
	char again[2 * SIGN_LEN];

	c->failed |= !hex_decode(text, bytes, n);
	if (c->failed)
		return;
	hex_encode(bytes, n, again);
	c->failed = !str_eq(text, str_of(again, 2 * n)); /* in lower case */
	if (!c->failed && copy)
		memcpy(copy, text.p, text.n);
}

/* Upper-case digits, leading zeros and the like would be a second spelling of the same seal. */
static bool is_canonical(const struct seal *s, struct str line)
{
	struct buf again;
	bool same;

	buf_init(&again, SEAL_MAX);
	put_members(s, &again);
	put_end(s, &again);
	same = !again.failed && again.n == line.n + 1 && str_eq(line, str_of(again.p, line.n));
	buf_fini(&again);
	return same;
}

bool seal_parse(struct str line, struct seal *out)
{
	struct cursor c = { line, line.n >= SEAL_MAX };
	uint8_t bytes[SHA256_LEN];

	*out = (struct seal){ .first = 0 };
	out->store = take(&c, "{\"v\":1,\"store\":\"", '"');
	out->file = take(&c, ",\"file\":\"", '"');
	out->first = take_number(&c, ",\"first\":");
	out->last = take_number(&c, ",\"last\":");
	out->bytes = (int64_t)take_number(&c, ",\"bytes\":");
	take_hex(&c, ",\"before\":\"", bytes, sizeof(bytes), out->before);
	take_hex(&c, ",\"chain\":\"", bytes, sizeof(bytes), out->chain);
	take_hex(&c, ",\"root\":\"", bytes, sizeof(bytes), out->root);
	take_hex(&c, ",\"previous\":\"", bytes, sizeof(bytes), out->previous);
	if (!c.failed && str_starts(c.left, STR(",\"key\":\""))) {
		out->key = take(&c, ",\"key\":\"", '"');
		out->signed_part = str_of(line.p, line.n - c.left.n);
		take_hex(&c, ",\"signature\":\"", out->signature, SIGN_LEN, NULL);
		c.failed |= out->key.n != SIGN_ID_HEX;
	}
	return !c.failed && out->first > 0 && out->last >= out->first && is_canonical(out, line);
}

void seal_hash(struct str line, char out[SHA256_HEX])
{
	uint8_t digest[SHA256_LEN];

	sha256(&line, 1, digest);
	hex_encode(digest, sizeof(digest), out);
}

bool seal_signature_fits(const struct seal *s, const struct sign_key *key)
{
	char message[SEAL_MAX + sizeof(SEAL_DOMAIN)];

	if (s->key.n == 0 || !str_eq(s->key, str_of(sign_key_id(key), SIGN_ID_HEX)))
		return false;
	memcpy(message, SEAL_DOMAIN, sizeof(SEAL_DOMAIN) - 1);
	memcpy(message + sizeof(SEAL_DOMAIN) - 1, s->signed_part.p, s->signed_part.n);
	return sign_fits(key, str_of(message, sizeof(SEAL_DOMAIN) - 1 + s->signed_part.n), s->signature);
}
