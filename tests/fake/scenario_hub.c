/* scenario's hub: it knows what a real one knows: the forms that were posted to it, with the callback, the topic and the secret. */
#include "tests/fake/scenario_priv.h"

#include "daemon/base/form.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#define FIELD_MAX 4096

static bool field(const char *form, const char *name, char out[FIELD_MAX])
{
	struct buf b;
	bool has;

	buf_init(&b, FIELD_MAX - 1);
	has = form_get(str_from(form), name, &b) && !b.failed;
	snprintf(out, FIELD_MAX, "%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
	return has;
}

/* The last form about this topic (a feed's address, or what `self` said) that has the field `with`. */
static const char *last_form(struct scenario *s, const char *topic, const char *with)
{
	char got[FIELD_MAX];

	for (size_t i = s->w.fetcher.asked_count; i-- > 0;) {
		const char *form = s->w.fetcher.asked[i].post;

		if (form && field(form, "hub.topic", got) && strcmp(got, topic) == 0 &&
		    field(form, with, got))
			return form;
	}
	return NULL;
}

static const char *option(const struct words *w, size_t from, const char *name)
{
	for (size_t i = from; i + 1 < w->n; i += 2)
		if (strcmp(w->at[i], name) == 0)
			return w->at[i + 1];
	return NULL;
}

static void call(struct scenario *s, struct callback_request *req)
{
	struct callback_answer answer;
	int64_t most = engine_callback_begins(s->w.engine, req->push, req->token);

	s->w.answered = 0;
	s->w.said[0] = '\0';
	if (most < 0 || (req->push && req->body->n > (size_t)most)) {
		s->w.answered = most < 0 ? (int)-most : 413;
		return;
	}
	engine_on_callback(s->w.engine, req, &answer);
	s->w.answered = answer.status;
	snprintf(s->w.said, sizeof(s->w.said), "%.*s", (int)answer.length, answer.text);
}

static struct str token_of(const char *callback)
{
	const char *slash = strrchr(callback, '/');

	return str_from(slash ? slash + 1 : "");
}

bool scenario_verify(struct scenario *s, const struct words *w)
{
	char callback[FIELD_MAX] = "", mode[FIELD_MAX] = "";
	const char *topic = scenario_address(s, w->at[1]);
	const char *form = topic ? last_form(s, topic, "hub.mode") : NULL, *other = option(w, 2, "topic");
	const char *lease = option(w, 2, "lease"), *token = option(w, 2, "token");
	struct callback_request req = { .ticket = 1 };
	struct buf query;

	if (!form || !field(form, "hub.callback", callback) || !field(form, "hub.mode", mode))
		return scenario_fail(s, "no hub was asked about %s", w->at[1]);
	buf_init(&query, 1u << 16);
	form_add(&query, "hub.mode", str_from(option(w, 2, "mode") ? option(w, 2, "mode") : mode));
	form_add(&query, "hub.topic", str_from(other ? other : topic));
	form_add(&query, "hub.challenge", STR("say & this"));
	if (lease)
		form_add(&query, "hub.lease_seconds", str_from(lease));
	req.query = buf_view(&query);
	req.token = token ? str_from(token) : token_of(callback);
	call(s, &req);
	buf_fini(&query);
	return true;
}

static void sign(const char *how, const char *secret, const struct buf *body, char out[200])
{
	const bool old = strcmp(how, "sha1") == 0;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int at;

	out[0] = '\0';
	if (strcmp(how, "unsigned") == 0)
		return;
	HMAC(old ? EVP_sha1() : EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)body->p,
	    body->n, digest, &n);
	digest[0] ^= strcmp(how, "wrong") == 0;
	at = snprintf(out, 200, "%s=", old ? "sha1" : "sha256");
	for (unsigned i = 0; i < n; i++)
		at += snprintf(out + at, 200 - (size_t)at, "%02x", digest[i]);
}

/* push FEED HOW items|text … */
bool scenario_push(struct scenario *s, const struct words *w)
{
	char callback[FIELD_MAX] = "", secret[FIELD_MAX] = "", signature[200];
	const char *topic = scenario_address(s, w->at[1]);
	const char *form = topic ? last_form(s, topic, "hub.secret") : NULL;
	struct callback_request req = {
		.push = true, .ticket = 1, .content_type = STR("application/rss+xml")
	};
	struct buf body;

	if (!form || !field(form, "hub.callback", callback) || !field(form, "hub.secret", secret))
		return scenario_fail(s, "no hub was asked about %s", w->at[1]);
	buf_init(&body, 16u << 20);
	if (strcmp(w->at[3], "items") == 0)
		scenario_document(s, w, 4, &body);
	else
		buf_str(&body, str_from(w->n > 4 ? w->at[4] : ""));
	sign(w->at[2], secret, &body, signature);
	req.signature = str_from(signature);
	req.token = token_of(callback);
	req.body = &body;
	call(s, &req);
	buf_fini(&body);
	return true;
}

bool scenario_expect_answer(struct scenario *s, const struct words *w)
{
	if (s->w.answered != atoi(w->at[1]))
		return scenario_fail(s, "the hub was answered with %d", s->w.answered);
	return w->n < 3 || strcmp(s->w.said, w->at[2]) == 0 ||
	       scenario_fail(s, "it was told '%s'", s->w.said);
}

bool scenario_expect_hub(struct scenario *s, const struct words *w)
{
	const char *topic = scenario_address(s, w->at[1]);
	char mode[FIELD_MAX], about[FIELD_MAX];
	int n = 0;

	for (size_t i = 0; topic && i < s->w.fetcher.asked_count; i++) {
		const char *form = s->w.fetcher.asked[i].post;

		n += form && field(form, "hub.mode", mode) && field(form, "hub.topic", about) &&
		     strcmp(mode, w->at[2]) == 0 && strcmp(about, topic) == 0;
	}
	return n == atoi(w->at[3]) || scenario_fail(s, "%d times", n);
}
