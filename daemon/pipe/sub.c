/* sub: making, writing and reading it. */
#include "daemon/pipe/sub.h"

#include "daemon/base/url.h"

#include <stdlib.h>

#define FORM 1 /* raised only when a field changes its meaning */
#define PUSH_MAX (256u << 20) /* bytes of a body that waits; body_max of its feed is what bounds it */
#define TYPE_MAX 1024u /* bytes of its Content-Type */

struct sub *sub_new(struct str feed, struct str hub, struct str topic)
{
	struct sub *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	buf_init(&s->body, PUSH_MAX);
	buf_init(&s->content_type, TYPE_MAX);
	s->feed = strndup(feed.p ? feed.p : "", feed.n);
	s->hub = strndup(hub.p ? hub.p : "", hub.n);
	s->topic = strndup(topic.p ? topic.p : "", topic.n);
	if (!s->feed || !s->hub || !s->topic)
		sub_free(&s);
	return s;
}

void sub_free(struct sub **sub)
{
	struct sub *s = *sub;

	*sub = NULL;
	if (!s)
		return;
	free(s->feed);
	free(s->hub);
	free(s->topic);
	explicit_bzero(s->secret, sizeof(s->secret));
	buf_fini(&s->body);
	buf_fini(&s->content_type);
	free(s);
}

void sub_encode(const struct sub *s, struct buf *out)
{
	buf_byte(out, FORM);
	buf_byte(out, (char)s->phase);
	buf_byte(out, s->asked);
	buf_le32(out, s->failures);
	buf_le64(out, s->base);
	buf_le64(out, (uint64_t)s->lease_until);
	buf_le64(out, (uint64_t)s->next_at);
	buf_add(out, s->token, sizeof(s->token));
	buf_add(out, s->secret, sizeof(s->secret));
	buf_str32(out, str_from(s->feed));
	buf_str32(out, str_from(s->hub));
	buf_str32(out, str_from(s->topic));
	buf_le64(out, (uint64_t)s->held_until);
}

struct sub *sub_decode(uint64_t number, struct str blob, struct err *e)
{
	struct rd r = { blob.p, blob.n, false };
	uint8_t form = rd_u8(&r);
	uint8_t phase = rd_u8(&r);
	struct sub head = { .number = number };
	struct str token, secret, feed, hub, topic;
	struct sub *s;

	head.asked = rd_u8(&r) != 0;
	head.failures = rd_le32(&r);
	head.base = rd_le64(&r);
	head.lease_until = (int64_t)rd_le64(&r);
	head.next_at = (int64_t)rd_le64(&r);
	token = rd_bytes(&r, SUB_TOKEN_LEN);
	secret = rd_bytes(&r, SUB_SECRET_LEN);
	feed = rd_str32(&r);
	hub = rd_str32(&r);
	topic = rd_str32(&r);
	head.held_until = r.n > 0 ? (int64_t)rd_le64(&r) : 0; /* not in older rows */
	if (r.failed || form != FORM || phase >= SUB_PHASES || hub.n > URL_MAX || topic.n > URL_MAX) {
		err_set(e, ERR_PARSE, 0, "what was remembered of a subscription is damaged");
		return NULL;
	}
	s = sub_new(feed, hub, topic);
	if (!s) {
		err_nomem(e);
		return NULL;
	}
	s->number = head.number;
	s->phase = (enum sub_phase)phase;
	s->asked = head.asked;
	s->failures = head.failures;
	s->base = head.base;
	s->lease_until = head.lease_until;
	s->next_at = head.next_at;
	s->held_until = head.held_until;
	memcpy(s->token, token.p, sizeof(s->token));
	memcpy(s->secret, secret.p, sizeof(s->secret));
	return s;
}
