/*
 * target: where a request goes next. Uses libcurl's URL parser and no other, so that what is checked here is what
 * will be connected to. Owns nothing.
 */
#include "daemon/net/fetch_priv.h"

#include "daemon/base/url.h"

#include <arpa/inet.h>

#define HOST_PARTS 3

/* The three parts that make an origin, freed with curl_free. */
struct origin {
	char *part[HOST_PARTS]; /* scheme, host, port */
};

static const CURLUPart origin_parts[HOST_PARTS] = { CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT };

static bool origin_read(CURLU *url, struct origin *out)
{
	bool ok = true;
	for (unsigned i = 0; i < HOST_PARTS; i++) {
		out->part[i] = NULL;
		ok = curl_url_get(url, origin_parts[i], &out->part[i], CURLU_DEFAULT_PORT) == CURLUE_OK && ok;
	}
	return ok;
}

static void origin_fini(struct origin *o)
{
	for (unsigned i = 0; i < HOST_PARTS; i++)
		curl_free(o->part[i]);
}

static bool origin_same(const struct origin *a, const struct origin *b)
{
	for (unsigned i = 0; i < HOST_PARTS; i++) {
		if (!str_eq_nocase(str_from(a->part[i]), str_from(b->part[i])))
			return false;
	}
	return true;
}

static bool is_scheme(const struct origin *o, const char *scheme)
{
	return str_eq_nocase(str_from(o->part[0]), str_from(scheme));
}

static bool add_url(CURLU *url, struct buf *to, struct err *e)
{
	char *text = NULL;
	if (curl_url_get(url, CURLUPART_URL, &text, 0) != CURLUE_OK)
		return err_nomem(e);
	bool fits = strlen(text) <= URL_MAX;
	if (fits)
		buf_add(to, text, strlen(text) + 1);
	curl_free(text);
	if (!fits)
		return err_set(e, ERR_LIMIT, 0, "the URL is longer than %d bytes", URL_MAX);
	return !to->failed || err_nomem(e);
}

/* What the new place must be like, whatever the old one was. */
static bool check_target(CURLU *url, const struct origin *to, struct str location, struct err *e)
{
	if (!is_scheme(to, "http") && !is_scheme(to, "https"))
		return err_set(e, ERR_HTTP, 0, "redirect to %.*s: only http and https are followed",
		    STR_ARG(str_of(location.p, location.n < 100 ? location.n : 100)));
	char *user = NULL;
	bool has_user = curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK;
	curl_free(user);
	if (has_user)
		return err_set(
		    e, ERR_HTTP, 0, "redirect to an address that carries a user name: not followed");
	return true;
}

/* A URL without parts to compare is not one of http: "mailto:x". */
static bool move_read(
    CURLU *url, const struct origin *old, struct str location, struct target_move *move, struct err *e)
{
	struct origin new;
	bool ok = origin_read(url, &new) || is_scheme(&new, "file");
	if (!ok)
		err_set(e, ERR_HTTP, 0, "redirect to something that is no address of the web: not followed");
	ok = ok && check_target(url, &new, location, e);
	if (ok) {
		move->same_origin = origin_same(old, &new);
		move->downgrade = is_scheme(old, "https") && is_scheme(&new, "http");
	}
	origin_fini(&new);
	return ok;
}

bool target_resolve(
    const char *from, struct str location, struct buf *to, struct target_move *move, struct err *e)
{
	struct buf text;
	struct origin old = { { NULL } };
	bool ok = false;
	CURLU *url = curl_url();
	buf_init(&text, HEAD_VALUE_MAX + 1);
	/* Of a fragment alone libcurl 7.88 would make the folder's address. It means this very document. */
	if (!str_starts(location, STR("#")))
		buf_str(&text, location);
	else
		buf_str(&text, str_from(from));
	buf_byte(&text, '\0');
	if (!url || text.failed) {
		err_nomem(e);
		goto out;
	}
	if (curl_url_set(url, CURLUPART_URL, from, 0) != CURLUE_OK || !origin_read(url, &old)) {
		err_set(e, ERR_HTTP, 0, "redirect from an address that cannot be read");
		goto out;
	}
	unsigned flags = CURLU_URLENCODE | CURLU_ALLOW_SPACE | CURLU_NON_SUPPORT_SCHEME;
	if (memchr(location.p, '\0', location.n) ||
	    curl_url_set(url, CURLUPART_URL, text.p, flags) != CURLUE_OK) {
		err_set(e, ERR_HTTP, 0, "redirect to an address that cannot be read: not followed");
		goto out;
	}
	if (!move_read(url, &old, location, move, e))
		goto out;
	(void)curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
	ok = add_url(url, to, e);
out:
	origin_fini(&old);
	buf_fini(&text);
	curl_url_cleanup(url);
	return ok;
}

bool target_strip(const char *url_text, struct buf *bare, struct target_user *user, struct err *e)
{
	bool ok = false;
	CURLU *url = curl_url();
	if (!url)
		return err_nomem(e);
	if (curl_url_set(url, CURLUPART_URL, url_text, CURLU_URLENCODE) != CURLUE_OK) {
		err_set(e, ERR_CONFIG, 0, "the URL cannot be read");
		goto out;
	}
	(void)curl_url_get(url, CURLUPART_USER, &user->name, CURLU_URLDECODE);
	(void)curl_url_get(url, CURLUPART_PASSWORD, &user->password, CURLU_URLDECODE);
	(void)curl_url_set(url, CURLUPART_USER, NULL, 0);
	(void)curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
	(void)curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
	ok = add_url(url, bare, e);
out:
	curl_url_cleanup(url);
	return ok;
}

/* As resolvers read numbers, which is more than "a.b.c.d". */
static bool literal_v4(const char *host, struct in6_addr *mapped)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	return inet_aton(host, &sin.sin_addr) == 1 &&
	       network_from_sockaddr((const struct sockaddr *)&sin, mapped);
}

/* RFC 6761 section 6.3: such names are loopback, whoever resolves them. */
static bool literal_localhost(struct str host, struct in6_addr *mapped)
{
	static const struct str name = { "localhost", 9 };
	size_t before = host.n > name.n ? host.n - name.n : 0;
	if (!str_eq_nocase(str_skip(host, before), name) || (before > 0 && host.p[before - 1] != '.'))
		return false;
	return literal_v4("127.0.0.1", mapped);
}

static bool is_literal(char *host, struct in6_addr *mapped)
{
	size_t n = strlen(host);
	if (host[0] == '[')
		return n >= 2 && network_parse_ipv6(str_of(host + 1, n - 2), mapped);
	if (n > 0 && host[n - 1] == '.')
		host[--n] = '\0';
	return literal_v4(host, mapped) || literal_localhost(str_of(host, n), mapped);
}

/* IDNA makes digits of what only looks like them. */
bool target_literal(const char *url_text, struct in6_addr *mapped)
{
	char *host = NULL;
	bool found = false;
	CURLU *url = curl_url();
	if (url && curl_url_set(url, CURLUPART_URL, url_text, CURLU_URLENCODE) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_HOST, &host, CURLU_PUNYCODE) == CURLUE_OK)
		found = is_literal(host, mapped);
	curl_free(host);
	curl_url_cleanup(url);
	return found;
}
