/*
 * decode: one function per coding. gzip goes through libdeflate, which wants the whole stream and all the room at once; a stream that it does
 * not take (cut short, damaged) goes through zlib, which gives what can be had of it.
 */
#include "daemon/net/decode_priv.h"

#include <brotli/decode.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#define STEP_BYTES ((size_t)64 << 10) /* of room that a stream gets at once */
#define GZIP_LEAST 18u /* bytes of the shortest member: its head and its end */
#define RATIO_MAX 1032u /* deflate makes no more bytes than that of one */
#define WINDOW_GZIP (15 + 16) /* zlib's way to say so */
#define WINDOW_ZSTD_LOG_MAX 23 /* 8 MiB: what RFC 8878 asks a decoder to support, and no more */

enum undone {
	UNDONE_WHOLE,
	UNDONE_CUT, /* to its bound, or as far as it goes: its end is missing */
	UNDONE_NOT /* it is not encoded so */
};

struct decoder {
	struct libdeflate_decompressor *deflate;
};

struct decoder *decoder_new(void)
{
	struct decoder *d = malloc(sizeof(*d));
	if (!d)
		return NULL;
	d->deflate = libdeflate_alloc_decompressor();
	if (!d->deflate)
		decoder_free(&d);
	return d;
}

void decoder_free(struct decoder **dp)
{
	struct decoder *d = *dp;
	*dp = NULL;
	if (d && d->deflate)
		libdeflate_free_decompressor(d->deflate);
	free(d);
}

/* Room for at most n bytes more. NULL: the bound is reached, or (then out->failed) there is no memory. */
static char *make_room(struct buf *out, size_t n, size_t *room)
{
	size_t left = out->limit - out->n;
	*room = n < left ? n : left;
	return *room > 0 ? buf_reserve(out, *room) : NULL;
}

/* As a decoder's answer: what is wrong then is not the body. */
static enum undone no_memory(struct buf *out)
{
	buf_fini(out);
	out->failed = true;
	return UNDONE_WHOLE;
}

/* One member of a gzip stream that is all there. The stream's last four bytes say how long the text is; the bound holds when they lie. */
static bool take_member(struct decoder *d, struct str *in, struct buf *out)
{
	size_t used = 0, made = 0, room;
	if (in->n < GZIP_LEAST)
		return false;
	const unsigned char *end = (const unsigned char *)in->p + in->n - 4;
	size_t says = (size_t)end[0] | (size_t)end[1] << 8 | (size_t)end[2] << 16 | (size_t)end[3] << 24;
	if (says / RATIO_MAX > in->n)
		return false;
	char *to = make_room(out, says > 0 ? says : 1, &room);
	if (!to || libdeflate_gzip_decompress_ex(d->deflate, in->p, in->n, to, room, &used, &made) !=
	               LIBDEFLATE_SUCCESS)
		return false;
	buf_grown(out, made);
	*in = str_skip(*in, used);
	return true;
}

/* Until the stream, the input or the room ends. */
static enum undone inflate_stream(struct str *in, int window, struct buf *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in->p, .avail_in = (uInt)in->n };
	int code = inflateInit2(&z, window);
	while (code == Z_OK) {
		size_t room;
		char *to = make_room(out, STEP_BYTES, &room);
		if (!to)
			break;
		z.next_out = (Bytef *)to;
		z.avail_out = (uInt)room;
		code = inflate(&z, Z_NO_FLUSH); /* Z_BUF_ERROR: nothing more to be had of it */
		buf_grown(out, room - z.avail_out);
	}
	*in = str_skip(*in, in->n - z.avail_in);
	(void)inflateEnd(&z);
	if (code == Z_MEM_ERROR)
		return no_memory(out);
	if (code == Z_STREAM_END)
		return UNDONE_WHOLE;
	return code == Z_OK || code == Z_BUF_ERROR ? UNDONE_CUT : UNDONE_NOT;
}

/* Members may follow each other; what follows them is nothing, as for gzip(1). */
static enum undone undo_gzip(struct decoder *d, struct str in, struct buf *out)
{
	struct str magic = str_of("\x1f\x8b", in.n < 2 ? in.n : 2);
	enum undone undone = str_starts(in, magic) ? UNDONE_WHOLE : UNDONE_NOT;
	while (undone == UNDONE_WHOLE && in.n > 0 && str_starts(in, magic) && out->n < out->limit) {
		if (!take_member(d, &in, out))
			undone = inflate_stream(&in, WINDOW_GZIP, out);
	}
	return undone;
}

/* With zlib's head as the RFC says, or without one as many servers do. */
static enum undone undo_deflate(struct decoder *d, struct str in, struct buf *out)
{
	struct str from = in;
	enum undone undone = inflate_stream(&from, MAX_WBITS, out);
	(void)d;
	return undone == UNDONE_NOT && out->n == 0 ? inflate_stream(&in, -MAX_WBITS, out) : undone;
}

static enum undone undo_zstd(struct decoder *d, struct str in, struct buf *out)
{
	ZSTD_inBuffer from = { in.p, in.n, 0 };
	ZSTD_DCtx *z = ZSTD_createDCtx();
	size_t code = 0, room = 0;
	bool full = true;
	(void)d;
	if (!z)
		return no_memory(out);
	(void)ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, WINDOW_ZSTD_LOG_MAX);
	while (!ZSTD_isError(code) && (from.pos < from.size || full)) {
		char *to = make_room(out, STEP_BYTES, &room);
		if (!to)
			break;
		ZSTD_outBuffer made = { to, room, 0 };
		code = ZSTD_decompressStream(z, &made, &from);
		buf_grown(out, made.pos);
		full = made.pos == room;
	}
	(void)ZSTD_freeDCtx(z);
	if (ZSTD_isError(code))
		return UNDONE_NOT;
	return code == 0 ? UNDONE_WHOLE : UNDONE_CUT;
}

static enum undone undo_brotli(struct decoder *d, struct str in, struct buf *out)
{
	BrotliDecoderState *b = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	const uint8_t *from = (const uint8_t *)in.p;
	size_t left = in.n, room;
	BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
	(void)d;
	if (!b)
		return no_memory(out);
	while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
		char *to = make_room(out, STEP_BYTES, &room);
		if (!to)
			break;
		uint8_t *next = (uint8_t *)to;
		size_t free_bytes = room;
		result = BrotliDecoderDecompressStream(b, &left, &from, &free_bytes, &next, NULL);
		buf_grown(out, room - free_bytes);
	}
	BrotliDecoderDestroyInstance(b);
	if (result == BROTLI_DECODER_RESULT_ERROR)
		return UNDONE_NOT;
	return result == BROTLI_DECODER_RESULT_SUCCESS ? UNDONE_WHOLE : UNDONE_CUT;
}

static enum undone undo_nothing(struct decoder *d, struct str in, struct buf *out)
{
	(void)d;
	buf_str(out, in);
	return UNDONE_WHOLE;
}

static const struct {
	const char *name;
	enum undone (*undo)(struct decoder *d, struct str in, struct buf *out);
} codings[] = {
	{ "gzip", undo_gzip },
	{ "x-gzip", undo_gzip },
	{ "br", undo_brotli },
	{ "zstd", undo_zstd },
	{ "deflate", undo_deflate },
	{ "identity", undo_nothing },
};

static bool undo(struct decoder *d, struct str name, size_t max, struct buf *body, struct err *e)
{
	struct buf out;
	size_t i = 0;
	while (i < ARRAY_LEN(codings) && !str_eq_nocase(str_from(codings[i].name), name))
		i++;
	if (i == ARRAY_LEN(codings))
		return err_set(e, ERR_HTTP, 0, "Content-Encoding: %.*s was not asked for",
		    STR_ARG(str_of(name.p, name.n < 40 ? name.n : 40)));
	buf_init(&out, max + 1); /* the one byte too many tells */
	enum undone undone = codings[i].undo(d, buf_view(body), &out);
	bool failed = out.failed;
	size_t limit = body->limit;
	buf_fini(body);
	*body = out;
	body->limit = limit;
	if (failed)
		return err_nomem(e);
	if (body->n > max) {
		body->n = max;
		return err_set(e, ERR_LIMIT, 0, "the body has more than %zu bytes (body_max)", max);
	}
	if (undone == UNDONE_CUT && body->n == 0)
		return err_set(e, ERR_HTTP, 0, "the compressed body was cut short: nothing can be had of it");
	return undone != UNDONE_NOT ||
	       err_set(e, ERR_HTTP, 0, "the body is not compressed as its Content-Encoding says");
}

bool decode_body(struct decoder *d, struct str encoding, size_t max, struct buf *body, struct err *e)
{
	struct str names[DECODE_CODINGS_MAX];
	size_t count = 0;
	while (encoding.p) {
		struct str name = str_trim(str_cut(&encoding, ','));
		if (name.n == 0)
			continue;
		if (count == DECODE_CODINGS_MAX)
			return err_set(
			    e, ERR_HTTP, 0, "more than %d codings on top of each other", DECODE_CODINGS_MAX);
		names[count++] = name;
	}
	while (count > 0 && body->n > 0) {
		if (!undo(d, names[--count], max, body, e))
			return false;
	}
	return true;
}
