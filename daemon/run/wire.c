/* wire: frames over local stream sockets. Owns nothing; knows no meaning of a payload. */
#include "daemon/run/wire.h"

#include <errno.h>
#include <sys/socket.h>

#define FIRST_PIECE                                                                                          \
	16384u /* bytes: a header goes in one piece with these of its payload, so that who waits for them wakes once */

void wire_header(enum wire_type type, size_t length, unsigned char out[WIRE_HEADER])
{
	uint32_t words[2] = { (uint32_t)length, (uint32_t)type };
	for (unsigned i = 0; i < WIRE_HEADER; i++)
		out[i] = (unsigned char)(words[i / 4] >> (8 * (i % 4)));
}

static bool receive_all(int fd, char *p, size_t n, size_t *got, struct err *e)
{
	for (*got = 0; *got < n;) {
		ssize_t r = recv(fd, p + *got, n - *got, 0);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_set(e, ERR_IO, errno, "reading from the other process");
		if (r == 0)
			return false;
		*got += (size_t)r;
	}
	return true;
}

static bool send_all(int fd, const void *data, size_t n, struct err *e)
{
	const char *p = data;
	while (n > 0) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return err_set(e, ERR_IO, errno, "writing to the other process");
		p += w;
		n -= (size_t)w;
	}
	return true;
}

bool wire_read(int fd, size_t limit, enum wire_type *type, struct buf *out, struct err *e)
{
	char header[WIRE_HEADER];
	size_t got;
	buf_clear(out);
	if (!receive_all(fd, header, sizeof(header), &got, e)) {
		if (got == 0 || e->kind != ERR_NONE)
			return false;
		return err_set(e, ERR_PARSE, 0, "frame cut in its header");
	}
	struct rd r = { header, sizeof(header), false };
	size_t length = rd_le32(&r);
	*type = (enum wire_type)rd_le32(&r);
	if (length > limit)
		return err_set(e, ERR_LIMIT, 0, "frame of %zu bytes, at most %zu are taken", length, limit);
	char *p = buf_reserve(out, length);
	if (p == NULL)
		return err_nomem(e);
	if (!receive_all(fd, p, length, &got, e))
		return err_set(e, ERR_PARSE, 0, "frame cut after %zu of %zu bytes", got, length);
	buf_grown(out, length);
	return true;
}

bool wire_write(int fd, enum wire_type type, struct str payload, struct err *e)
{
	unsigned char piece[FIRST_PIECE];
	size_t n = payload.n < sizeof(piece) - WIRE_HEADER ? payload.n : sizeof(piece) - WIRE_HEADER;
	if (payload.n > WIRE_PAYLOAD_MAX)
		return err_set(e, ERR_LIMIT, 0, "frame of %zu bytes is too large", payload.n);
	wire_header(type, payload.n, piece);
	if (n > 0)
		memcpy(piece + WIRE_HEADER, payload.p, n);
	struct str rest = str_skip(payload, n);
	return send_all(fd, piece, WIRE_HEADER + n, e) && send_all(fd, rest.p, rest.n, e);
}

enum wire_step wire_take(struct str in, size_t limit, enum wire_type *type, struct str *payload, size_t *used)
{
	if (in.n < WIRE_HEADER)
		return WIRE_MORE;
	struct rd r = { in.p, in.n, false };
	size_t length = rd_le32(&r);
	*type = (enum wire_type)rd_le32(&r);
	if (length > limit)
		return WIRE_BROKEN;
	if (r.n < length)
		return WIRE_MORE;
	*payload = rd_bytes(&r, length);
	*used = WIRE_HEADER + length;
	return WIRE_FRAME;
}
