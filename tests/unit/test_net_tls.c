/* TLS: who is trusted, and that nothing leads back to plain text. The server is libmicrohttpd, the certificates are made here. */
#include "daemon/net/fetch.h"
#include "tests/fake/fetching.h"
#include "tests/fake/http_proxy.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <microhttpd.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define DAY 86400L

struct pair { /* PEM */
	char *key, *certificate;
};

struct tls_server {
	struct MHD_Daemon *daemon;
	unsigned port;
	unsigned requests;
	bool told_of_proxy; /* by a line that is for proxies alone */
	char location[128]; /* not empty: redirect there */
};

struct world {
	struct fetching fetching;
	EVP_PKEY *ca_key;
	X509 *ca;
	char folder[64], ca_file[96], pin[96];
	struct tls_server server;
};

static X509 *certificate_new(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key, long begin,
    long end, const char *alternative)
{
	X509 *x = X509_new();
	X509V3_CTX ctx;
	assert_non_null(x);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), issuer ? 2 : 1);
	X509_gmtime_adj(X509_getm_notBefore(x), begin);
	X509_gmtime_adj(X509_getm_notAfter(x), end);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(
	    X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
	X509V3_set_ctx(&ctx, issuer ? issuer : x, x, NULL, NULL, 0);
	X509_EXTENSION *extension =
	    alternative ? X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, alternative)
	                : X509V3_EXT_conf_nid(NULL, &ctx, NID_basic_constraints, "critical,CA:TRUE");
	assert_non_null(extension);
	X509_add_ext(x, extension, -1);
	X509_EXTENSION_free(extension);
	assert_true(X509_sign(x, issuer_key ? issuer_key : key, EVP_sha256()) > 0);
	return x;
}

static char *pem_of(EVP_PKEY *key, X509 *certificate)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *text, *p;
	assert_non_null(out);
	if (key)
		assert_int_equal(PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
	else
		assert_int_equal(PEM_write_bio_X509(out, certificate), 1);
	long n = BIO_get_mem_data(out, &text);
	p = strndup(text, (size_t)n);
	assert_non_null(p);
	BIO_free(out);
	return p;
}

static struct pair pair_new(struct world *w, const char *alternative, long begin, long end)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	assert_non_null(key);
	X509 *x = certificate_new(key, "server", w->ca, w->ca_key, begin, end, alternative);
	struct pair p = { pem_of(key, NULL), pem_of(NULL, x) };
	X509_free(x);
	EVP_PKEY_free(key);
	return p;
}

static enum MHD_Result answer(void *ctx, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload, size_t *upload_n, void **state)
{
	struct tls_server *s = ctx;
	(void)url, (void)method, (void)version, (void)upload, (void)upload_n, (void)state;
	s->told_of_proxy = s->told_of_proxy || MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
	                                           "Proxy-Authorization") != NULL;
	struct MHD_Response *r = MHD_create_response_from_buffer(2, "in", MHD_RESPMEM_PERSISTENT);
	if (s->location[0])
		MHD_add_response_header(r, "Location", s->location);
	enum MHD_Result ok = MHD_queue_response(connection, s->location[0] ? 302 : 200, r);
	MHD_destroy_response(r);
	__atomic_add_fetch(&s->requests, 1, __ATOMIC_SEQ_CST);
	return ok;
}

/* sha256// and the base64 of the key's hash: what a pin of this certificate is. */
static void pin_of(const char *certificate_pem, char *out, size_t room)
{
	unsigned char *der = NULL, hash[32], text[64];
	BIO *in = BIO_new_mem_buf(certificate_pem, -1);
	X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);
	assert_non_null(x);
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	assert_true(n > 0);
	assert_int_equal(EVP_Digest(der, (size_t)n, hash, NULL, EVP_sha256(), NULL), 1);
	EVP_EncodeBlock(text, hash, sizeof(hash));
	snprintf(out, room, "sha256//%s", (char *)text);
	OPENSSL_free(der);
	X509_free(x);
	BIO_free(in);
}

static void serve(struct world *w, const char *alternative, long begin, long end)
{
	struct pair p = pair_new(w, alternative, begin, end);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	w->server.daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS, 0, NULL, NULL,
	    answer, &w->server, MHD_OPTION_SOCK_ADDR, &a, MHD_OPTION_HTTPS_MEM_KEY, p.key,
	    MHD_OPTION_HTTPS_MEM_CERT, p.certificate, MHD_OPTION_END);
	pin_of(p.certificate, w->pin, sizeof(w->pin));
	free(p.key);
	free(p.certificate);
	assert_non_null(w->server.daemon);
	w->server.port = MHD_get_daemon_info(w->server.daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	assert_non_null(w);
	const char *base = getenv("TMPDIR");
	snprintf(w->folder, sizeof(w->folder), "%.40s/gazetted-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->ca_file, sizeof(w->ca_file), "%s/ca.pem", w->folder);
	w->ca_key = EVP_EC_gen("P-256");
	assert_non_null(w->ca_key);
	w->ca = certificate_new(w->ca_key, "gazetted test CA", NULL, NULL, -DAY, DAY, NULL);
	FILE *f = fopen(w->ca_file, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, w->ca), 1);
	fclose(f);
	fetching_open(&w->fetching);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	fetching_close(&w->fetching);
	if (w->server.daemon)
		MHD_stop_daemon(w->server.daemon);
	X509_free(w->ca);
	EVP_PKEY_free(w->ca_key);
	unlink(w->ca_file);
	rmdir(w->folder);
	free(w);
	return 0;
}

static void get(struct world *w, const char *scheme, const char *ca_file, struct outcome *o)
{
	char url[64];
	snprintf(url, sizeof(url), "%s://127.0.0.1:%u/f", scheme, w->server.port);
	struct fetch_request req = fetching_request(&w->fetching, url);
	req.ca_file = ca_file;
	fetching_get(&w->fetching, &req, o);
}

static void test_a_private_authority_needs_its_file(void **state)
{
	struct world *w = *state;
	struct outcome o;
	serve(w, "IP:127.0.0.1", -DAY, DAY);
	get(w, "https", w->ca_file, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_string_equal(o.body, "in");
	outcome_fini(&o);
	get(w, "https", NULL, &o); /* not over the connection that was trusted with the file */
	assert_int_equal(o.error.kind, ERR_NET);
	assert_int_equal(o.phase, FETCH_TLS);
	assert_non_null(strstr(o.error.text, "ca_file"));
	assert_int_equal(w->server.requests, 1);
	outcome_fini(&o);
}

static void write_file(const char *path, const char *first, const char *second)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%s%s", first, second);
	fclose(f);
}

static int64_t put_on_s; /* our clock, and libcurl's */

int clock_gettime(clockid_t id, struct timespec *t)
{
	long failed = syscall(SYS_clock_gettime, id, t);
	t->tv_sec += put_on_s;
	return (int)failed;
}

static void test_a_corrected_ca_file_is_read(void **state)
{
	struct world *w = *state;
	struct outcome o;
	char path[128];
	struct pair other = pair_new(w, "DNS:other.example", -DAY, DAY);
	BIO *pem = BIO_new(BIO_s_mem());
	char *text;
	snprintf(path, sizeof(path), "%s/corrected.pem", w->folder);
	write_file(path, other.certificate, "");
	serve(w, "IP:127.0.0.1", -DAY, DAY);
	get(w, "https", path, &o);
	assert_int_equal(o.error.kind, ERR_NET);
	outcome_fini(&o);
	PEM_write_bio_X509(pem, w->ca);
	BIO_write(pem, "", 1);
	BIO_get_mem_data(pem, &text);
	write_file(path, text, "");
	put_on_s += 61;
	get(w, "https", path, &o);
	if (o.error.kind != ERR_NONE)
		fail_msg("%s", o.error.text);
	outcome_fini(&o);
	BIO_free(pem);
	unlink(path);
	free(other.key);
	free(other.certificate);
}

static void test_a_missing_ca_file_is_the_operators(void **state)
{
	struct world *w = *state;
	struct outcome o;
	serve(w, "IP:127.0.0.1", -DAY, DAY);
	get(w, "https", "/nonexistent/ca.pem", &o);
	assert_int_equal(o.error.kind, ERR_CONFIG);
	assert_non_null(strstr(o.error.text, "/nonexistent/ca.pem"));
	outcome_fini(&o);
}

static void refused(struct world *w, const char *says)
{
	struct outcome o;
	get(w, "https", w->ca_file, &o);
	assert_int_equal(o.error.kind, ERR_NET);
	assert_int_equal(o.phase, FETCH_TLS);
	if (!strstr(o.error.text, says))
		fail_msg("'%s' does not say '%s'", o.error.text, says);
	assert_int_equal(w->server.requests, 0);
	outcome_fini(&o);
}

static void test_an_expired_certificate(void **state)
{
	serve(*state, "IP:127.0.0.1", -2 * DAY, -DAY);
	refused(*state, "expired");
}

static void test_the_certificate_of_another_host(void **state)
{
	serve(*state, "DNS:feeds.example", -DAY, DAY);
	refused(*state, "127.0.0.1");
}

static void test_plain_text_on_a_tls_port(void **state)
{
	struct world *w = *state;
	struct outcome o;
	serve(w, "IP:127.0.0.1", -DAY, DAY);
	get(w, "http", NULL, &o);
	assert_int_not_equal(o.error.kind, ERR_NONE);
	outcome_fini(&o);
}

static void test_tls_on_a_plain_port(void **state)
{
	struct world *w = *state;
	struct outcome o;
	struct http_server *plain = http_server_new();
	struct http_rule rule = { "*", STR("HTTP/1.1 400 Bad Request\r\n\r\n"), STR(""), 0, HTTP_CLOSE };
	http_server_rule(plain, &rule);
	w->server.port = http_server_port(plain);
	struct fetch_request req;
	char url[64];
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", w->server.port);
	req = fetching_request(&w->fetching, url);
	req.timeout_ms = 200; /* the plain server waits for the end of a head that never comes */
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NET);
	assert_int_equal(o.phase, FETCH_TLS);
	outcome_fini(&o);
	http_server_free(&plain);
}

static void test_no_way_back_to_plain_text(void **state)
{
	struct world *w = *state;
	struct http_server *plain = http_server_new();
	struct outcome o;
	http_server_answer(plain, "*", "200 OK", "", STR("in"));
	snprintf(
	    w->server.location, sizeof(w->server.location), "http://127.0.0.1:%u/", http_server_port(plain));
	serve(w, "IP:127.0.0.1", -DAY, DAY);
	get(w, "https", w->ca_file, &o);
	assert_int_equal(o.error.kind, ERR_HTTP);
	assert_non_null(strstr(o.error.text, "https to http"));
	assert_int_equal(http_server_connections(plain), 0);
	outcome_fini(&o);
	http_server_free(&plain);
}

static void test_plain_text_may_lead_to_tls(void **state)
{
	struct world *w = *state;
	struct http_server *plain = http_server_new();
	struct outcome o;
	char headers[128], url[64];
	serve(w, "IP:127.0.0.1", -DAY, DAY);
	snprintf(headers, sizeof(headers), "Location: https://127.0.0.1:%u/f\r\n", w->server.port);
	http_server_answer(plain, "/", "301 Moved", headers, STR(""));
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", http_server_port(plain));
	struct fetch_request req = fetching_request(&w->fetching, url);
	req.ca_file = w->ca_file;
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_string_equal(o.body, "in");
	outcome_fini(&o);
	http_server_free(&plain);
}

static void get_pinned(struct world *w, const char *pin, struct outcome *o)
{
	char url[64];
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/f", w->server.port);
	struct fetch_request req = fetching_request(&w->fetching, url);
	req.ca_file = w->ca_file;
	req.pin = pin;
	fetching_get(&w->fetching, &req, o);
}

static void test_a_pin_is_kept(void **state)
{
	static const char other[] = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	struct world *w = *state;
	struct outcome o;
	char both[192];
	serve(w, "IP:127.0.0.1", -DAY, DAY);
	get(w, "https", w->ca_file, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	outcome_fini(&o);
	get_pinned(w, other, &o); /* nor over the connection that is open without a pin */
	assert_int_equal(o.error.kind, ERR_NET);
	assert_int_equal(o.phase, FETCH_TLS);
	assert_non_null(strstr(o.error.text, "not the pinned one"));
	assert_int_equal(w->server.requests, 1);
	outcome_fini(&o);
	snprintf(both, sizeof(both), "%s;%s", other, w->pin);
	get_pinned(w, both, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_string_equal(o.body, "in");
	outcome_fini(&o);
}

static void test_through_a_proxy_that_asks_who_comes(void **state)
{
	struct world *w = *state;
	struct outcome o;
	char proxy_url[64];
	struct http_proxy proxy = { .user = "d2F0Y2g6c2VjcmV0" }; /* watch:secret */
	serve(w, "DNS:feeds.example", -DAY, DAY);
	proxy.target_port = w->server.port;
	http_proxy_open(&proxy);
	snprintf(proxy_url, sizeof(proxy_url), "http://127.0.0.1:%u", proxy.port);
	struct fetch_request req = fetching_request(&w->fetching, "https://feeds.example/f");
	req.ca_file = w->ca_file;
	req.proxy = proxy_url;
	req.proxy_username = "watch";
	req.proxy_password = "secret";
	req.bearer = "token";
	fetching_get(&w->fetching, &req, &o);
	if (o.error.kind != ERR_NONE)
		fail_msg("%s", o.error.text);
	assert_string_equal(o.body, "in");
	assert_false(w->server.told_of_proxy);
	assert_non_null(strstr(proxy.head, "CONNECT feeds.example:443 "));
	assert_null(strstr(proxy.head, "token")); /* nor is the proxy told what is the server's */
	outcome_fini(&o);
	fetching_close(&w->fetching);
	fetching_open(&w->fetching);
	http_proxy_close(&proxy);
}

struct strict { /* answers one client that has a certificate of our authority; others it turns away */
	SSL_CTX *tls;
	int listener;
	unsigned served;
	pthread_t thread;
};

static void *serve_strictly(void *ctx)
{
	static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nin";
	struct strict *s = ctx;
	int fd;
	while ((fd = accept(s->listener, NULL, NULL)) >= 0) {
		char head[4096];
		SSL *ssl = SSL_new(s->tls);
		SSL_set_fd(ssl, fd);
		if (SSL_accept(ssl) == 1 && SSL_read(ssl, head, sizeof(head)) > 0 &&
		    SSL_write(ssl, reply, (int)strlen(reply)) > 0)
			__atomic_add_fetch(&s->served, 1, __ATOMIC_SEQ_CST);
		SSL_shutdown(ssl);
		SSL_free(ssl);
		close(fd);
	}
	return NULL;
}

static X509 *certificate_of(const char *pem)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);
	BIO_free(in);
	assert_non_null(x);
	return x;
}

static unsigned strict_open(struct world *w, struct strict *s)
{
	struct pair p = pair_new(w, "IP:127.0.0.1", -DAY, DAY);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	BIO *key_pem = BIO_new_mem_buf(p.key, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(key_pem, NULL, NULL, NULL);
	X509 *x = certificate_of(p.certificate);
	s->tls = SSL_CTX_new(TLS_server_method());
	assert_int_equal(SSL_CTX_use_certificate(s->tls, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(s->tls, key), 1);
	assert_int_equal(SSL_CTX_load_verify_locations(s->tls, w->ca_file, NULL), 1);
	SSL_CTX_set_session_id_context(s->tls, (const unsigned char *)"strict", 6);
	SSL_CTX_set_verify(s->tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	X509_free(x);
	EVP_PKEY_free(key);
	BIO_free(key_pem);
	free(p.key);
	free(p.certificate);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(s->listener, 8), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&a, &n), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve_strictly, s), 0);
	return ntohs(a.sin_port);
}

static void strict_close(struct strict *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	SSL_CTX_free(s->tls);
}

/* Nor does anybody learn who we are by sending us on to him. */
static void test_a_client_certificate_is_for_one_origin(void **state)
{
	struct world *w = *state;
	struct strict strict = { .served = 0 };
	struct outcome o;
	char url[64], certificate[96];
	struct pair p = pair_new(w, "DNS:client.example", -DAY, DAY);
	serve(w, "IP:127.0.0.1", -DAY, DAY);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/f", w->server.port);
	snprintf(w->server.location, sizeof(w->server.location), "https://127.0.0.1:%u/f",
	    strict_open(w, &strict));
	snprintf(certificate, sizeof(certificate), "%s/client.pem", w->folder);
	write_file(certificate, p.certificate, p.key);
	struct fetch_request req = fetching_request(&w->fetching, url);
	req.ca_file = w->ca_file;
	req.client_certificate = certificate;
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(w->server.requests, 1);
	assert_int_equal(o.redirect_count, 1);
	assert_int_equal(o.error.kind, ERR_NET);
	assert_int_equal(__atomic_load_n(&strict.served, __ATOMIC_SEQ_CST), 0);
	outcome_fini(&o);
	strict_close(&strict);
	unlink(certificate);
	free(p.key);
	free(p.certificate);
}

static void test_a_client_certificate(void **state)
{
	struct world *w = *state;
	struct strict strict = { .served = 0 };
	struct outcome o;
	char url[64], certificate[96], key[96];
	struct pair p = pair_new(w, "DNS:client.example", -DAY, DAY);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/f", strict_open(w, &strict));
	snprintf(certificate, sizeof(certificate), "%s/client.pem", w->folder);
	snprintf(key, sizeof(key), "%s/client.key", w->folder);
	write_file(certificate, p.certificate, "");
	write_file(key, p.key, "");
	struct fetch_request req = fetching_request(&w->fetching, url);
	req.ca_file = w->ca_file;
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NET);
	outcome_fini(&o);
	req.client_certificate = certificate;
	fetching_get(&w->fetching, &req, &o); /* its key is not in it */
	if (o.error.kind != ERR_CONFIG || !strstr(o.error.text, "client certificate"))
		fail_msg("%s: %s", err_kind_name(o.error.kind), o.error.text);
	outcome_fini(&o);
	assert_int_equal(__atomic_load_n(&strict.served, __ATOMIC_SEQ_CST), 0);
	req.client_key = key;
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_string_equal(o.body, "in");
	outcome_fini(&o);
	write_file(certificate, p.certificate, p.key);
	req.client_key = NULL;
	fetching_get(&w->fetching, &req, &o);
	if (o.error.kind != ERR_NONE)
		fail_msg("%s", o.error.text);
	outcome_fini(&o);
	strict_close(&strict);
	unlink(certificate);
	unlink(key);
	free(p.key);
	free(p.certificate);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_a_private_authority_needs_its_file),
		CASE(test_a_corrected_ca_file_is_read),
		CASE(test_a_missing_ca_file_is_the_operators),
		CASE(test_an_expired_certificate),
		CASE(test_the_certificate_of_another_host),
		CASE(test_plain_text_on_a_tls_port),
		CASE(test_tls_on_a_plain_port),
		CASE(test_no_way_back_to_plain_text),
		CASE(test_plain_text_may_lead_to_tls),
		CASE(test_a_pin_is_kept),
		CASE(test_through_a_proxy_that_asks_who_comes),
		CASE(test_a_client_certificate),
		CASE(test_a_client_certificate_is_for_one_origin),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net/tls", tests, NULL, NULL);
}
