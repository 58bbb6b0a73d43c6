/*
 * failure: libcurl's codes -> our kinds, how far the fetch came, and words that tell an operator what to look at.
 * Owns two tables. Knows no policy: what follows from a failure is decided above.
 */
#include "daemon/net/fetch_priv.h"

static const struct {
	CURLcode code;
	enum err_kind kind;
	const char *text;
} table[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, ERR_NET, "the host name was not found in DNS" },
	{ CURLE_COULDNT_RESOLVE_PROXY, ERR_NET, "the proxy's name was not found in DNS" },
	{ CURLE_COULDNT_CONNECT, ERR_NET, "the server cannot be reached" },
	{ CURLE_PROXY, ERR_NET, "the proxy refused" },
	{ CURLE_SSL_CONNECT_ERROR, ERR_NET, "the TLS handshake failed: not a TLS server, or too old" },
	{ CURLE_PEER_FAILED_VERIFICATION, ERR_NET,
	    "the server's certificate is not to be trusted (a private one needs ca_file)" },
	{ CURLE_SSL_PINNEDPUBKEYNOTMATCH, ERR_NET, "the server's public key is not the pinned one" },
	{ CURLE_SSL_CERTPROBLEM, ERR_CONFIG, "the client certificate or its key cannot be used" },
	{ CURLE_SSL_CACERT_BADFILE, ERR_CONFIG, "the CA file cannot be used" },
	{ CURLE_SSL_CIPHER, ERR_NET, "no TLS cipher in common" },
	{ CURLE_URL_MALFORMAT, ERR_CONFIG, "the URL cannot be read" },
	{ CURLE_UNSUPPORTED_PROTOCOL, ERR_HTTP, "the server does not speak HTTP" },
	{ CURLE_WEIRD_SERVER_REPLY, ERR_HTTP, "the server does not speak HTTP properly" },
	{ CURLE_GOT_NOTHING, ERR_NET, "the server closed the connection without an answer" },
	{ CURLE_SEND_ERROR, ERR_NET, "the connection broke while asking" },
	{ CURLE_RECV_ERROR, ERR_NET, "the connection broke" },
	{ CURLE_PARTIAL_FILE, ERR_NET, "the connection was closed before the whole answer had come" },
	{ CURLE_HTTP2, ERR_NET, "the HTTP/2 connection broke" },
	{ CURLE_HTTP2_STREAM, ERR_NET, "the server ended the HTTP/2 stream" },
	{ CURLE_BAD_CONTENT_ENCODING, ERR_HTTP, "the body is not compressed as its Content-Encoding says" },
	{ CURLE_WRITE_ERROR, ERR_HTTP, "the body could not be decoded" },
	{ CURLE_OUT_OF_MEMORY, ERR_NOMEM, "out of memory" },
};

static const char *const late[] = {
	[FETCH_DNS] = "time-out: DNS gave no answer",
	[FETCH_CONNECT] = "time-out: the server did not accept the connection",
	[FETCH_TLS] = "time-out: the TLS handshake did not end",
	[FETCH_TRANSFER] = "time-out: the server sent no answer",
	[FETCH_BODY] = "time-out: the answer came too slowly",
};

/* Between the socket and our turn to ask there is only TLS; libcurl knows the peer's address once TCP has connected. */
static enum fetch_phase phase_reached(const struct fetch *x)
{
	const char *peer = NULL;
	if (x->phase != FETCH_CONNECT)
		return x->phase;
	(void)curl_easy_getinfo(x->easy, CURLINFO_PRIMARY_IP, &peer);
	return peer && peer[0] ? FETCH_TLS : FETCH_CONNECT;
}

static bool explain(struct fetch *x, enum err_kind kind, const char *text)
{
	if (!x->why[0])
		return err_set(&x->error, kind, 0, "%s", text);
	return err_set(&x->error, kind, 0, "%s (%s)", text, x->why);
}

void failure_explain_proxy(struct fetch *x, int status)
{
	if (status == 407)
		err_set(&x->error, ERR_HTTP, 0,
		    "the proxy refused: status 407, it wants another user name and password "
		    "(proxy_username, proxy_password_file)");
	else
		err_set(&x->error, ERR_HTTP, 0, "the proxy refused: status %d", status);
}

/* What a proxy said to CONNECT when there is no way through it; 0: nothing of that kind. */
static int proxy_refusal(const struct fetch *x)
{
	long status = 0;
	(void)curl_easy_getinfo(x->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	return status >= 300 && status <= 999 ? (int)status : 0;
}

void failure_explain(struct fetch *x, CURLcode code)
{
	int status = proxy_refusal(x);
	if (x->error.kind != ERR_NONE)
		return;
	if (status != 0) {
		failure_explain_proxy(x, status);
		return;
	}
	x->phase = phase_reached(x);
	if (x->refused.kind != ERR_NONE && x->phase == FETCH_CONNECT) {
		x->error = x->refused;
		return;
	}
	if (code == CURLE_OPERATION_TIMEDOUT) {
		(void)explain(x, ERR_NET, late[x->phase]);
		return;
	}
	if (code == CURLE_URL_MALFORMAT && x->hop > 0) { /* the server's word, not the operator's */
		(void)explain(x, ERR_HTTP, "redirect to an address that cannot be read");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].code == code) {
			(void)explain(x, table[i].kind, table[i].text);
			return;
		}
	}
	err_set(&x->error, ERR_NET, 0, "the transfer failed with libcurl's code %d%s%s", (int)code,
	    x->why[0] ? ": " : "", x->why);
}
