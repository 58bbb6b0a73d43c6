/*
 * publisher: a small web server on loopback for the demo and the end-to-end tests. It serves feeds of our own sample releases, a new
 * release every second or so, or the files of a folder; ETag, Last-Modified, 304 and gzip as a good publisher has them.
 * Below /-/ it misbehaves on request. Prints its base URL; ends on TERM or INT.
 */
#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/fs.h"
#include "daemon/base/hash.h"
#include "daemon/base/str.h"
#include "tests/fake/releases.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zlib.h>

#define BODY_MAX (64u << 20) /* bytes of one answer that is made in memory */
#define FLOOD_BYTES (100u << 20) /* of /-/huge */
#define BOMB_BYTES (64u << 20) /* of /-/bomb when it is unpacked */

struct publisher {
	struct releases *releases;
	const char *folder; /* --static, or NULL */
	FILE *log;
	char base[64];
	uint64_t initial, total, window; /* total 0: without end */
	int64_t every_ms, begin_wall, begin_mono;
	int stop; /* an eventfd that becomes readable at the end: whoever stalls waits for it */
	atomic_uint_fast64_t held; /* --hold: releases that are out; UINT64_MAX: time decides */
};

struct answer { /* what a path is answered with */
	unsigned status;
	struct buf body;
	const char *type;
	const char *location; /* or NULL */
	char etag[48], modified[RELEASES_DATE_MAX];
};

static struct releases_moment moment_of(struct publisher *p)
{
	int64_t passed = clock_mono(&clock_system) - p->begin_mono;
	uint64_t held = atomic_load(&p->held);
	uint64_t n = held != UINT64_MAX ? held : p->initial + (uint64_t)(passed / p->every_ms);
	if (p->total > 0 && n > p->total)
		n = p->total;
	/* The initial ones are as old as if they had come one after the other. */
	return (struct releases_moment){ n, p->window, p->begin_wall - (int64_t)p->initial * p->every_ms,
		p->every_ms, p->base };
}

static void tag_body(struct answer *a)
{
	struct hash128 h = hash128(buf_view(&a->body), 0);
	snprintf(a->etag, sizeof(a->etag), "\"%016llx\"", (unsigned long long)h.lo);
}

static bool answer_feed(struct publisher *p, const char *path, struct answer *a)
{
	struct releases_moment m = moment_of(p);
	for (size_t i = 0; i < releases_feeds(p->releases); i++) {
		const char *name = releases_feed_name(p->releases, i),
		           *format = releases_feed_format(p->releases, i);
		char own[160];
		snprintf(own, sizeof(own), "/%s.%s", name, format);
		if (strcmp(path, own) != 0)
			continue;
		uint64_t newest = releases_newest(p->releases, i, &m);
		releases_render(p->releases, i, &m, &a->body);
		a->type = strcmp(format, "atom") == 0  ? "application/atom+xml"
		          : strcmp(format, "rdf") == 0 ? "application/rdf+xml"
		                                       : "application/rss+xml";
		tag_body(a);
		if (newest != UINT64_MAX)
			releases_http_date(m.begin_ms + (int64_t)newest * m.every_ms, a->modified);
		return true;
	}
	return false;
}

static void answer_list(struct publisher *p, struct answer *a)
{
	for (size_t i = 0; i < releases_feeds(p->releases); i++)
		buf_fmt(&a->body, "%s\t%s\t%s/%s.%s\n", releases_feed_name(p->releases, i),
		    releases_feed_language(p->releases, i), p->base, releases_feed_name(p->releases, i),
		    releases_feed_format(p->releases, i));
}

static void answer_ids(struct publisher *p, struct answer *a)
{
	struct releases_moment m = moment_of(p);
	releases_ids(p->releases, &m, &a->body);
}

/* "/-/hold/N": from now on exactly N releases are out. */
static bool answer_hold(struct publisher *p, const char *path)
{
	unsigned long long n;
	if (strncmp(path, "/-/hold/", 8) != 0 || !str_to_u64(str_from(path + 8), &n))
		return false;
	atomic_store(&p->held, n);
	return true;
}

static bool answer_page(struct publisher *p, const char *path, struct answer *a)
{
	unsigned long long n;
	if (strncmp(path, "/release/", 9) != 0 || !str_to_u64(str_from(path + 9), &n))
		return false;
	releases_page(p->releases, n, &a->body);
	a->type = "text/html; charset=utf-8";
	tag_body(a);
	return true;
}

static const struct {
	const char *end, *type;
} types[] = {
	{ ".rss", "application/rss+xml" },
	{ ".atom", "application/atom+xml" },
	{ ".rdf", "application/rdf+xml" },
	{ ".xml", "application/xml" },
	{ ".json", "application/feed+json" },
	{ ".html", "text/html" },
};

static bool answer_file(struct publisher *p, const char *path, struct answer *a)
{
	char name[4096];
	struct fs_stat st;
	struct err e = { ERR_NONE };
	snprintf(name, sizeof(name), "%s%s", p->folder, path);
	if (strstr(path, "..") || fs_system.stat(&fs_system, name, &st) != 0 ||
	    !fs_read_file(&fs_system, name, BODY_MAX, &a->body, &e))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (str_ends(str_from(path), str_from(types[i].end)))
			a->type = types[i].type;
	}
	releases_http_date(st.mtime_ms, a->modified);
	tag_body(a);
	return true;
}

/* A status, and what else belongs to a misbehaviour that fits into one answer. */
static const struct {
	const char *path;
	unsigned status;
	const char *type, *location, *body;
} misbehaviours[] = {
	{ "/-/404", 404, "text/html", NULL, "<html><body>not here</body></html>" },
	{ "/-/410", 410, "text/html", NULL, "<html><body>gone</body></html>" },
	{ "/-/500", 500, "text/html", NULL, "<html><body>oops</body></html>" },
	{ "/-/503", 503, "text/html", NULL, "<html><body>later</body></html>" },
	{ "/-/html", 200, "application/rss+xml", NULL,
	    "<!DOCTYPE html><html><head><title>Sign "
	    "in</title></head><body><form><p>Accept<br></form></body></html>" },
	{ "/-/empty", 200, "application/rss+xml", NULL, "" },
	{ "/-/empty-feed", 200, "application/rss+xml", NULL,
	    "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Nothing "
	    "yet</title></channel></rss>" },
	{ "/-/broken", 200, "application/rss+xml", NULL,
	    "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>b</title></chan" },
	{ "/-/entity", 200, "application/rss+xml", NULL,
	    "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
	    "<rss "
	    "version=\"2.0\"><channel><title>&x;</title><item><title>&x;</title></item></channel></rss>" },
	{ "/-/to-file", 302, "text/plain", "file:///etc/passwd", "" },
	{ "/-/to-private", 302, "text/plain", "http://127.0.0.2:9/canary", "" },
	{ "/-/to-metadata", 302, "text/plain", "http://169.254.169.254/latest/meta-data/", "" },
	{ "/-/to-itself", 302, "text/plain", "/-/to-itself", "" },
};

static bool answer_badly(const char *path, struct answer *a)
{
	for (size_t i = 0; i < ARRAY_LEN(misbehaviours); i++) {
		if (strcmp(path, misbehaviours[i].path) != 0)
			continue;
		a->status = misbehaviours[i].status;
		a->type = misbehaviours[i].type;
		a->location = misbehaviours[i].location;
		buf_str(&a->body, str_from(misbehaviours[i].body));
		return true;
	}
	return false;
}

static void find_answer(struct publisher *p, const char *path, struct answer *a)
{
	a->status = 200;
	a->type = "text/plain; charset=utf-8";
	if (answer_badly(path, a) || answer_hold(p, path))
		return;
	if (p->folder && answer_file(p, path, a))
		return;
	if (p->releases && strcmp(path, "/") == 0) {
		answer_list(p, a);
		return;
	}
	if (p->releases && strcmp(path, "/ids") == 0) {
		answer_ids(p, a);
		return;
	}
	if (p->releases && (answer_feed(p, path, a) || answer_page(p, path, a)))
		return;
	a->status = 404;
	buf_str(&a->body, STR("not found\n"));
}

static bool deflate_all(z_stream *z, struct buf *out, int flush)
{
	int code;
	do {
		char *room = buf_reserve(out, 65536);
		if (!room)
			return false;
		z->next_out = (Bytef *)room;
		z->avail_out = 65536;
		code = deflate(z, flush);
		buf_grown(out, 65536 - z->avail_out);
	} while (code == Z_OK && (z->avail_out == 0 || flush == Z_FINISH));
	return code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR;
}

/* repeat: the input is compressed so many times over. */
static bool gzip(struct str in, unsigned repeat, struct buf *out)
{
	z_stream z = { .next_in = NULL };
	bool ok = deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK;
	for (unsigned i = 0; ok && i < repeat; i++) {
		z.next_in = (Bytef *)(uintptr_t)in.p;
		z.avail_in = (uInt)in.n;
		ok = deflate_all(&z, out, i + 1 == repeat ? Z_FINISH : Z_NO_FLUSH);
	}
	deflateEnd(&z);
	return ok;
}

static struct MHD_Response *response_of(struct buf *body)
{
	size_t n = 0;
	char *p = buf_take(body, &n);
	return p ? MHD_create_response_from_buffer(n, p, MHD_RESPMEM_MUST_FREE)
	         : MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
}

static bool header_has(struct MHD_Connection *c, const char *name, const char *text)
{
	const char *value = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
	return value && text[0] && strstr(value, text);
}

static void log_request(struct publisher *p, struct MHD_Connection *c, const char *path, unsigned status)
{
	const char *etag = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "If-None-Match");
	if (p->log)
		fprintf(p->log, "%u %s %s\n", status, path, etag ? etag : "-");
}

static enum MHD_Result send_answer(
    struct publisher *p, struct MHD_Connection *c, const char *path, struct answer *a)
{
	bool same =
	    a->status == 200 &&
	    (header_has(c, "If-None-Match", a->etag) ||
	        (!header_has(c, "If-None-Match", "\"") && header_has(c, "If-Modified-Since", a->modified)));
	bool pack = !same && a->body.n > 200 && header_has(c, "Accept-Encoding", "gzip");
	unsigned status = same ? 304 : a->status;
	struct buf packed;
	buf_init(&packed, BODY_MAX);
	if (same)
		buf_clear(&a->body);
	pack = pack && gzip(buf_view(&a->body), 1, &packed);
	struct MHD_Response *r = response_of(pack ? &packed : &a->body);
	buf_fini(&packed);
	if (!r)
		return MHD_NO;
	if (!same)
		MHD_add_response_header(r, "Content-Type", a->type);
	if (pack)
		MHD_add_response_header(r, "Content-Encoding", "gzip");
	if (a->location)
		MHD_add_response_header(r, "Location", a->location);
	if (a->etag[0])
		MHD_add_response_header(r, "ETag", a->etag);
	if (a->modified[0])
		MHD_add_response_header(r, "Last-Modified", a->modified);
	log_request(p, c, path, status);
	enum MHD_Result ok = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return ok;
}

/* /-/stall: half an answer, then nothing until the end. Each connection has a thread of its own to wait in. */
static ssize_t read_stall(void *ctx, uint64_t at, char *out, size_t room)
{
	static const char begin[] = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel>";
	struct publisher *p = ctx;
	struct pollfd end = { p->stop, POLLIN, 0 };
	size_t n = sizeof(begin) - 1 < room ? sizeof(begin) - 1 : room;
	if (at == 0) {
		memcpy(out, begin, n);
		return (ssize_t)n;
	}
	while (poll(&end, 1, -1) < 0)
		continue;
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* /-/huge: a feed that goes on and on. */
static ssize_t read_huge(void *ctx, uint64_t at, char *out, size_t room)
{
	static const char begin[] = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>";
	(void)ctx;
	memset(out, 'x', room);
	if (at < sizeof(begin) - 1)
		memcpy(out, begin + at, sizeof(begin) - 1 - at < room ? sizeof(begin) - 1 - at : room);
	return (ssize_t)room;
}

static struct MHD_Response *bomb(void)
{
	static const char block[1u << 20] = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>";
	struct buf packed;
	buf_init(&packed, BODY_MAX);
	if (!gzip(str_of(block, sizeof(block)), BOMB_BYTES / sizeof(block), &packed))
		buf_clear(&packed);
	struct MHD_Response *r = response_of(&packed);
	if (r)
		MHD_add_response_header(r, "Content-Encoding", "gzip");
	return r;
}

/* Answers that are not made of one piece of text; MHD_NO: the path is none of them. */
static enum MHD_Result send_flood(struct publisher *p, struct MHD_Connection *c, const char *path)
{
	struct MHD_Response *r = NULL;
	if (strcmp(path, "/-/stall") == 0)
		r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, read_stall, p, NULL);
	else if (strcmp(path, "/-/huge") == 0)
		r = MHD_create_response_from_callback(FLOOD_BYTES, 65536, read_huge, p, NULL);
	else if (strcmp(path, "/-/endless") == 0)
		r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 65536, read_huge, p, NULL);
	else if (strcmp(path, "/-/bomb") == 0)
		r = bomb();
	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, "Content-Type", "application/rss+xml");
	log_request(p, c, path, 200);
	enum MHD_Result ok = MHD_queue_response(c, 200, r);
	MHD_destroy_response(r);
	return ok;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *path, const char *method,
    const char *version, const char *upload, size_t *upload_n, void **state)
{
	struct publisher *p = ctx;
	struct answer a = { .status = 0 };
	(void)version, (void)upload, (void)upload_n;
	if (strcmp(method, "GET") != 0)
		return MHD_NO;
	if (!*state) { /* an answer before the whole request is read would close the connection */
		*state = p;
		return MHD_YES;
	}
	if (send_flood(p, c, path) == MHD_YES)
		return MHD_YES;
	buf_init(&a.body, BODY_MAX);
	find_answer(p, path, &a);
	enum MHD_Result ok = send_answer(p, c, path, &a);
	buf_fini(&a.body);
	return ok;
}

static const char usage[] =
    "usage: publisher [--every MS] [--initial N] [--total N] [--window N] [--hold]\n"
    "                 [--releases FILE] [--static FOLDER] [--url-file FILE] [--log FILE]\n"
    "  --hold  nothing comes out by itself: GET /-/hold/N says how many releases are out\n";

struct options {
	const char *releases, *url_file, *log;
	bool hold;
};

static bool take_number(const char *text, uint64_t min, uint64_t *out)
{
	unsigned long long n;
	if (!str_to_u64(str_from(text), &n) || n < min || n > 1000000000)
		return false;
	*out = n;
	return true;
}

static bool take_options(int argc, char **argv, struct publisher *p, struct options *o)
{
	static const struct option names[] = { { "every", 1, NULL, 'e' }, { "initial", 1, NULL, 'i' },
		{ "total", 1, NULL, 't' }, { "window", 1, NULL, 'w' }, { "hold", 0, NULL, 'h' },
		{ "releases", 1, NULL, 'r' }, { "static", 1, NULL, 's' }, { "url-file", 1, NULL, 'u' },
		{ "log", 1, NULL, 'l' }, { NULL, 0, NULL, 0 } };
	uint64_t every = 1000;
	bool ok = true;
	for (int c; ok && (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
		ok = c != '?';
		ok = ok && (c != 'e' || take_number(optarg, 1, &every));
		ok = ok && (c != 'i' || take_number(optarg, 0, &p->initial));
		ok = ok && (c != 't' || take_number(optarg, 1, &p->total));
		ok = ok && (c != 'w' || take_number(optarg, 1, &p->window));
		o->hold = o->hold || c == 'h';
		o->releases = c == 'r' ? optarg : o->releases;
		p->folder = c == 's' ? optarg : p->folder;
		o->url_file = c == 'u' ? optarg : o->url_file;
		o->log = c == 'l' ? optarg : o->log;
	}
	p->every_ms = (int64_t)every;
	return ok && optind == argc;
}

static bool open_all(struct publisher *p, const struct options *o, struct err *e)
{
	p->stop = eventfd(0, EFD_CLOEXEC);
	p->begin_wall = clock_wall(&clock_system);
	p->begin_mono = clock_mono(&clock_system);
	atomic_store(&p->held, o->hold ? p->initial : UINT64_MAX);
	if (!p->folder || o->releases) {
		p->releases = releases_load(o->releases ? o->releases : "tests/demo/releases.jsonl", e);
		if (!p->releases)
			return false;
	}
	if (o->log) {
		p->log = fopen(o->log, "a");
		if (!p->log)
			return err_set(e, ERR_IO, 0, "%s cannot be written", o->log);
		setvbuf(p->log, NULL, _IOLBF, 0);
	}
	return true;
}

static bool announce(struct publisher *p, unsigned port, const struct options *o, struct err *e)
{
	snprintf(p->base, sizeof(p->base), "http://127.0.0.1:%u", port);
	printf("%s\n", p->base);
	fflush(stdout);
	return !o->url_file || fs_replace_file(&fs_system, o->url_file, str_from(p->base), 0644, e);
}

static struct MHD_Daemon *serve(struct publisher *p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	return MHD_start_daemon(
	    MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL, 0, NULL, NULL,
	    on_request, p, MHD_OPTION_SOCK_ADDR, &a, MHD_OPTION_CONNECTION_TIMEOUT, 300u, MHD_OPTION_END);
}

int main(int argc, char **argv)
{
	static const uint64_t one = 1;
	struct publisher p = { .initial = 12, .window = 30 };
	struct options o = { .hold = false };
	struct err e = { ERR_NONE };
	struct MHD_Daemon *daemon = NULL;
	sigset_t ends;
	bool ok = false;
	if (!take_options(argc, argv, &p, &o)) {
		fputs(usage, stderr);
		return 64;
	}
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	if (!open_all(&p, &o, &e))
		goto out;
	daemon = serve(&p);
	if (!daemon)
		err_set(&e, ERR_IO, 0, "no port to listen on");
	ok = daemon && announce(&p, MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port, &o, &e);
	if (ok)
		(void)sigwaitinfo(&ends, NULL);
	if (daemon && write(p.stop, &one, sizeof(one)) == (ssize_t)sizeof(one))
		MHD_stop_daemon(daemon);
out:
	if (e.kind != ERR_NONE)
		fprintf(stderr, "publisher: %s\n", e.text);
	releases_free(&p.releases);
	if (p.log)
		fclose(p.log);
	return ok ? 0 : 1;
}
