/*
 * callback: verification of intent (WebSub section 5.3), denial (5.2), and content (7) with its signature (7.1). What nobody asked for is answered with
 * 404, what was given up with 410, and none of it is believed.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/form.h"
#include "daemon/base/hmac.h"
#include "daemon/base/url.h"

#define LEASE_MAX_S (366 * 86400ull) /* a longer one is renewed earlier than the hub thinks */

static struct sub *find_token(const struct engine *x, struct str token)
{
	for (size_t i = 0; token.n == SUB_TOKEN_LEN && i < x->websub.count; i++)
		if (memcmp(x->websub.at[i]->token, token.p, SUB_TOKEN_LEN) == 0)
			return x->websub.at[i];
	return NULL;
}

static bool takes_content(const struct engine *x, const struct sub *s)
{
	return s->phase == SUB_WANTED && s->lease_until > wall(x) && s->owner && s->owner->conf;
}

int64_t engine_callback_begins(const struct engine *x, bool push, struct str token)
{
	const struct sub *s = find_token(x, token);

	if (!s)
		return -404;
	if (!push)
		return 0;
	return takes_content(x, s) ? s->owner->conf->fetch->body_max : -410;
}

struct intent { /* decoded */
	struct buf mode, topic, challenge, lease, reason;
};

static const struct {
	const char *name;
	size_t offset, max;
} fields[] = {
	{ "hub.mode", offsetof(struct intent, mode), 32 },
	{ "hub.topic", offsetof(struct intent, topic), URL_MAX },
	{ "hub.challenge", offsetof(struct intent, challenge), CALLBACK_CHALLENGE_MAX },
	{ "hub.lease_seconds", offsetof(struct intent, lease), 32 },
	{ "hub.reason", offsetof(struct intent, reason), 512 },
};

static struct buf *field(struct intent *i, size_t n)
{
	return (struct buf *)(void *)((char *)i + fields[n].offset);
}

static void intent_read(struct intent *i, struct str query)
{
	for (size_t n = 0; n < ARRAY_LEN(fields); n++) {
		buf_init(field(i, n), fields[n].max);
		(void)form_get(
		    query, fields[n].name, field(i, n)); /* what is too long is as good as absent */
	}
}

static void intent_fini(struct intent *i)
{
	for (size_t n = 0; n < ARRAY_LEN(fields); n++)
		buf_fini(field(i, n));
}

static bool is(const struct buf *b, const char *text)
{
	return str_eq(buf_view(b), str_from(text));
}

static void say_back(const struct intent *i, struct callback_answer *out)
{
	out->status = 200;
	out->length = i->challenge.n;
	if (i->challenge.n > 0)
		memcpy(out->text, i->challenge.p, i->challenge.n);
}

static void verify(struct engine *x, struct sub *s, const struct intent *i, struct callback_answer *out)
{
	unsigned long long lease;

	if (!s->asked || s->phase != SUB_WANTED || i->challenge.n == 0)
		return;
	if (!str_to_u64(buf_view(&i->lease), &lease) || lease == 0)
		lease = (unsigned long long)x->conf->websub.lease / 1000;
	if (lease > LEASE_MAX_S)
		lease = LEASE_MAX_S;
	say_back(i, out);
	websub_alive(x, s, (int64_t)(lease > 0 ? lease : 1) * 1000);
}

static void deny(struct engine *x, struct sub *s, const struct intent *i, struct callback_answer *out)
{
	if (s->phase == SUB_LEAVING)
		return;
	log_warn("websub-denied", LOG_CSTR("feed", s->feed), LOG_CSTR("hub", s->hub),
	    LOG_STR("reason", buf_view(&i->reason)));
	out->status = 200;
	websub_denied(x, s);
}

static void part(struct engine *x, struct sub *s, const struct intent *i, struct callback_answer *out)
{
	if (s->phase != SUB_LEAVING || !s->asked || i->challenge.n == 0)
		return;
	say_back(i, out);
	log_info("websub-left", LOG_CSTR("feed", s->feed), LOG_CSTR("hub", s->hub));
	websub_drop(x, s);
}

typedef void intent_f(struct engine *x, struct sub *s, const struct intent *i, struct callback_answer *out);
static const struct {
	const char *mode;
	intent_f *take;
} modes[] = { { "subscribe", verify }, { "denied", deny }, { "unsubscribe", part } };

/* A topic that is not ours is somebody else's subscription in our name. */
static void take_intent(
    struct engine *x, struct sub *s, const struct callback_request *req, struct callback_answer *out)
{
	struct intent i;

	out->status = 404;
	intent_read(&i, req->query);
	for (size_t n = 0; is(&i.topic, s->topic) && n < ARRAY_LEN(modes); n++)
		if (is(&i.mode, modes[n].mode)) {
			modes[n].take(x, s, &i, out);
			break;
		}
	intent_fini(&i);
}

/* "sha256=…". */
static bool is_signed(const struct engine *x, const struct sub *s, const struct callback_request *req)
{
	struct str hex = str_trim(req->signature);
	struct str name = str_cut(&hex, '=');
	enum hmac_digest digest;

	if (!hmac_digest_named(name, &digest) || (digest == HMAC_SHA1 && !x->conf->websub.sha1))
		return false;
	return hmac_matches(digest, str_of(s->secret, sizeof(s->secret)), buf_view(req->body), hex);
}

/* The feed has one poll at a time; one push may wait for it. */
static bool wait_for_turn(struct engine *x, struct sub *s, const struct callback_request *req)
{
	if (s->waiting)
		return false;
	buf_reset(&s->content_type);
	buf_str(&s->content_type, req->content_type);
	if (s->content_type.failed)
		buf_reset(&s->content_type);
	buf_fini(&s->body);
	s->body = *req->body;
	buf_init(req->body, req->body->limit);
	s->waiting = req->ticket;
	x->websub.waiting++;
	return true;
}

static int take_content(struct engine *x, struct sub *s, const struct callback_request *req)
{
	struct str name = req->signature;

	if (!takes_content(x, s))
		return 410;
	if (!is_signed(x, s, req)) {
		x->websub.refused++;
		log_warn("push-refused", LOG_CSTR("feed", s->feed),
		    LOG_CSTR("reason", "its signature is wrong"), LOG_VARYING("by", str_cut(&name, '=')));
		return 403;
	}
	if (x->draining || req->body->n == 0)
		return x->draining ? 503 : 400;
	return wait_for_turn(x, s, req) ? 0 : 503;
}

void engine_on_callback(struct engine *x, const struct callback_request *req, struct callback_answer *answer)
{
	struct sub *s = find_token(x, req->token);

	*answer = (struct callback_answer){ .status = 404 };
	if (s && req->push)
		answer->status = take_content(x, s, req);
	else if (s)
		take_intent(x, s, req, answer);
}
