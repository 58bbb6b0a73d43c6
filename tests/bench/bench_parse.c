/*
 * The parser against the parsers of others: CPU time, one run, as ratios. bench_parse [ROUNDS [LIST...]].
 * The documents are made of the releases of the demo, in four styles; the captures of ../shared/feeds are added when they are there, and the
 * documents that each LIST, a file, names one a line.
 */
#include "daemon/feed/feed.h"
#include "daemon/feed/html.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <jansson.h>
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RELEASES "tests/demo/releases.jsonl"
#define CAPTURES "../shared/feeds/suites/real/files"
#define CHUNK 16384 /* bytes, as a network gives them */
#define REPEATS 5 /* times that a generated document holds each release */
#define REPEATS_LARGE 60 /* in the document for whole commands, whose start should not count */
#define COPIES 8 /* how often a round parses a generated document */
#define DOCUMENTS_MAX 1024
#define ROUNDS 5
#define PASSES 6 /* raw SAX, published, worker, all, collected by raw SAX, libmrss */

struct document {
	char *bytes;
	size_t n;
	char path[320];
};

struct group {
	const char *name;
	struct document *at;
	size_t n, bytes, copies;
};

typedef void pass_f(const struct group *g);

extern char **environ;
static char folder[] = "/dev/shm/bench_parse.XXXXXX";
static volatile size_t sink_bytes;
static struct buf text;
static struct str fragments[20000];
static size_t fragment_count;

static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void put_escaped(FILE *f, const char *s)
{
	for (; *s; s++)
		switch (*s) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		default:
			fputc(*s, f);
		}
}

static void put_element(FILE *f, const char *name, const char *value)
{
	fprintf(f, "<%s>", name);
	put_escaped(f, value);
	fprintf(f, "</%.*s>\n", (int)strcspn(name, " "), name);
}

struct release {
	char *title, *summary, *html;
};

typedef void put_item_f(FILE *f, const struct release *r, unsigned number);

static void put_rss_head(FILE *f, const struct release *r, unsigned number)
{
	fputs("<item>\n", f);
	put_element(f, "title", r->title);
	fprintf(f, "<link>https://press.example/releases/%u.html</link>\n", number);
	fprintf(f, "<guid isPermaLink=\"false\">release-%u@press.example</guid>\n", number);
	fprintf(f, "<pubDate>Tue, 03 Mar 2026 %02u:%02u:00 GMT</pubDate>\n", number / 60 % 24, number % 60);
	put_element(f, "category", "releases");
}

static void put_escaped_item(FILE *f, const struct release *r, unsigned number)
{
	put_rss_head(f, r, number);
	put_element(f, "description", r->html);
	fputs("</item>\n", f);
}

static void put_section_item(FILE *f, const struct release *r, unsigned number)
{
	put_rss_head(f, r, number);
	put_element(f, "description", r->summary);
	fprintf(f, "<content:encoded><![CDATA[%s]]></content:encoded>\n</item>\n", r->html);
}

static void put_headline_item(FILE *f, const struct release *r, unsigned number)
{
	put_rss_head(f, r, number);
	put_element(f, "description", r->title);
	fputs("</item>\n", f);
}

static void put_entry(FILE *f, const struct release *r, unsigned number)
{
	fputs("<entry>\n", f);
	put_element(f, "title", r->title);
	fprintf(f, "<link href=\"https://press.example/releases/%u.html\" rel=\"alternate\"/>\n", number);
	fprintf(f, "<id>tag:press.example,2026:%u</id>\n", number);
	fprintf(f, "<updated>2026-03-03T%02u:%02u:00Z</updated>\n", number / 60 % 24, number % 60);
	fputs("<author><name>Press office</name></author>\n", f);
	put_element(f, "summary", r->summary);
	put_element(f, "content type=\"html\"", r->html);
	fputs("</entry>\n", f);
}

#define RSS_BEGIN                                                                                            \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" "                                  \
	"xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">\n<channel>\n<title>Press</title>\n"     \
	"<link>https://press.example/</link>\n<description>All releases</description>\n"
#define ATOM_BEGIN                                                                                           \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"         \
	"<title>Press</title><id>tag:press.example,2026:all</id><updated>2026-03-03T00:00:00Z</updated>\n"

static const struct style {
	const char *name, *begin, *end;
	put_item_f *put;
} styles[] = {
	{ "rss, escaped HTML", RSS_BEGIN, "</channel>\n</rss>\n", put_escaped_item },
	{ "rss, CDATA", RSS_BEGIN, "</channel>\n</rss>\n", put_section_item },
	{ "rss, headlines", RSS_BEGIN, "</channel>\n</rss>\n", put_headline_item },
	{ "atom, escaped HTML", ATOM_BEGIN, "</feed>\n", put_entry },
};

static size_t read_releases(struct release *to, size_t max)
{
	char *line = NULL;
	size_t room = 0, n = 0;
	FILE *f = fopen(RELEASES, "r");

	while (f && n < max && getline(&line, &room, f) > 0) {
		json_t *r = json_loads(line, 0, NULL);

		if (json_unpack(r, "{s:s,s:s,s:s}", "title", &to[n].title, "summary", &to[n].summary, "html",
		        &to[n].html) == 0)
			n++; /* r lives on: its strings are used */
	}
	free(line);
	if (f)
		fclose(f);
	return n;
}

static void save(struct document *d, const char *name)
{
	FILE *f;

	snprintf(d->path, sizeof(d->path), "%s/%s", folder, name);
	f = fopen(d->path, "w");
	if (!f || fwrite(d->bytes, 1, d->n, f) != d->n || fclose(f) != 0) {
		perror(d->path);
		exit(1);
	}
}

static void generate(
    struct group *g, const struct style *s, const struct release *releases, size_t count, unsigned repeats)
{
	static unsigned number;
	char name[32];
	struct document *d = calloc(1, sizeof(*d));
	FILE *f = d ? open_memstream(&d->bytes, &d->n) : NULL;

	if (!f)
		exit(1);
	fputs(s->begin, f);
	for (unsigned i = 0; i < repeats * count; i++)
		s->put(f, &releases[i % count], i);
	fputs(s->end, f);
	fclose(f);
	snprintf(name, sizeof(name), "%u.xml", number++);
	save(d, name);
	*g = (struct group){ s->name, d, 1, d->n, repeats == REPEATS ? COPIES : 1 };
}

static bool read_document(const char *path, struct document *d)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	bool ok = f && fstat(fileno(f), &st) == 0 && (d->bytes = malloc((size_t)st.st_size + 1)) &&
	          fread(d->bytes, 1, (size_t)st.st_size, f) == (size_t)st.st_size;

	if (ok)
		d->n = (size_t)st.st_size;
	snprintf(d->path, sizeof(d->path), "%s", path);
	if (f)
		fclose(f);
	return ok;
}

static bool keep_fragment(void *ctx, const struct feed_item *item)
{
	struct str html = item->content_html;

	(void)ctx;
	if (fragment_count == sizeof(fragments) / sizeof(fragments[0]) || html.n < 200 ||
	    !memchr(html.p, '<', html.n))
		return true;
	char *copy = malloc(html.n);

	if (copy)
		fragments[fragment_count++] = str_of(memcpy(copy, html.p, html.n), html.n);
	return copy != NULL;
}

static bool count_item(void *ctx, const struct feed_item *item)
{
	(void)ctx;
	sink_bytes += item->content_text.n;
	return true;
}

static bool parse(const struct document *d, unsigned skip, feed_item_f *item, bool *recovered)
{
	struct feed_input in = { .body = str_of(d->bytes, d->n), .skip = skip };
	struct arena *a = arena_new(16u << 20);
	struct err e = { .kind = ERR_NONE };
	struct feed_meta m;
	bool ok = feed_parse(&in, item, NULL, a, &m, &e);

	*recovered = m.recovered || !str_eq(m.encoding, STR("UTF-8"));
	arena_free(&a);
	return ok;
}

/* Only what is well-formed UTF-8: the peer stops at the first fault, and would win by that. */
static void read_captures(struct group *g)
{
	DIR *dir = opendir(CAPTURES);

	*g = (struct group){
		.name = "real captures", .at = calloc(DOCUMENTS_MAX, sizeof(*g->at)), .copies = 1
	};
	for (struct dirent *entry; dir && g->at && g->n < DOCUMENTS_MAX && (entry = readdir(dir));) {
		struct document *d = &g->at[g->n];
		char path[320];
		bool recovered;

		snprintf(path, sizeof(path), CAPTURES "/%.200s", entry->d_name);
		if (entry->d_name[0] == '.' || !read_document(path, d) || d->n == 0 || d->bytes[0] == '{' ||
		    !parse(d, 0, count_item, &recovered) || recovered ||
		    memmem(d->bytes, d->n, "<!DOCTYPE", 9))
			continue;
		g->bytes += d->n;
		g->n++;
	}
	if (dir)
		closedir(dir);
}

static void read_list(struct group *g, const char *path)
{
	const char *slash = strrchr(path, '/');
	FILE *f = fopen(path, "r");
	char line[320];

	*g = (struct group){
		.name = slash ? slash + 1 : path, .at = calloc(DOCUMENTS_MAX, sizeof(*g->at)), .copies = 1
	};
	while (f && g->at && g->n < DOCUMENTS_MAX && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (read_document(line, &g->at[g->n]))
			g->bytes += g->at[g->n++].n;
	}
	if (f)
		fclose(f);
}

static void no_start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int ns_count,
    const xmlChar **ns, int count, int defaulted, const xmlChar **attrs)
{
	(void)ctx, (void)local, (void)prefix, (void)uri, (void)ns_count, (void)ns, (void)count,
	    (void)defaulted, (void)attrs;
}

static void no_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	(void)ctx, (void)local, (void)prefix, (void)uri;
}

static void no_text(void *ctx, const xmlChar *p, int n)
{
	(void)ctx, (void)p, (void)n;
}

/* What anybody would write who wants no more than the fields: the texts of known names, gathered as they come. */
static struct buf field;
static bool in_field;

static bool is_field(const xmlChar *name)
{
	static const char *const names[] = { "title", "link", "guid", "id", "description", "content",
		"encoded", "pubDate", "published", "updated", "summary" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i][0] == (char)name[0] && strcmp(names[i], (const char *)name) == 0)
			return true;
	return false;
}

static void field_start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
    int ns_count, const xmlChar **ns, int count, int defaulted, const xmlChar **attrs)
{
	(void)ctx, (void)prefix, (void)uri, (void)ns_count, (void)ns, (void)count, (void)defaulted,
	    (void)attrs;
	if (!is_field(local))
		return;
	buf_clear(&field);
	in_field = true;
}

static void field_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	(void)ctx, (void)prefix, (void)uri;
	if (!in_field || !is_field(local))
		return;
	sink_bytes += field.n;
	in_field = false;
}

static void field_text(void *ctx, const xmlChar *p, int n)
{
	(void)ctx;
	if (in_field)
		buf_add(&field, p, (size_t)n);
}

static const xmlSAXHandler empty_handlers = { .initialized = XML_SAX2_MAGIC,
	.startElementNs = no_start,
	.endElementNs = no_end,
	.characters = no_text,
	.ignorableWhitespace = no_text,
	.cdataBlock = no_text };
static const xmlSAXHandler field_handlers = { .initialized = XML_SAX2_MAGIC,
	.startElementNs = field_start,
	.endElementNs = field_end,
	.characters = field_text,
	.ignorableWhitespace = field_text,
	.cdataBlock = field_text };

static void pass_libxml2(const struct group *g, const xmlSAXHandler *handlers)
{
	xmlSAXHandler sax = *handlers;

	for (size_t i = 0; i < g->n; i++) {
		const struct document *d = &g->at[i];
		xmlParserCtxt *c = xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);

		xmlCtxtUseOptions(c, XML_PARSE_NONET);
		for (size_t at = 0; at < d->n; at += CHUNK)
			xmlParseChunk(c, d->bytes + at, (int)(d->n - at < CHUNK ? d->n - at : CHUNK), 0);
		xmlParseChunk(c, "", 0, 1);
		if (!c->wellFormed)
			fprintf(stderr, "%s: not well-formed\n", d->path);
		xmlFreeParserCtxt(c);
	}
}

static void pass_raw(const struct group *g)
{
	pass_libxml2(g, &empty_handlers);
}

static void pass_collect(const struct group *g)
{
	pass_libxml2(g, &field_handlers);
}

static void pass_ours(const struct group *g, unsigned skip)
{
	bool recovered;

	for (size_t i = 0; i < g->n; i++)
		if (!parse(&g->at[i], skip, count_item, &recovered))
			fprintf(stderr, "%s: refused\n", g->at[i].path);
}

static void pass_published(const struct group *g)
{
	pass_ours(g, FEED_SKIP_HTML | FEED_SKIP_TEXT | FEED_SKIP_SUMMARY);
}

static void pass_worker(const struct group *g)
{
	pass_ours(g, FEED_SKIP_HTML);
}

static void pass_all(const struct group *g)
{
	pass_ours(g, 0);
}

/* libmrss, when it is installed: found at run time, so that nothing else needs it. */
static int (*mrss_parse)(char *, size_t, void **);
static int (*mrss_free)(void *);

static void pass_mrss(const struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		void *feed = NULL;

		if (mrss_parse(g->at[i].bytes, g->at[i].n, &feed) == 0)
			mrss_free(feed);
	}
}

static void pass_html_ours(const struct group *g)
{
	(void)g;
	for (size_t i = 0; i < fragment_count; i++) {
		buf_clear(&text);
		html_to_text(fragments[i], &text);
	}
}

static void on_html_text(void *ctx, const xmlChar *p, int n)
{
	(void)ctx;
	buf_add(&text, p, (size_t)n);
}

static void pass_html_libxml2(const struct group *g)
{
	xmlSAXHandler sax = {
		.characters = on_html_text, .ignorableWhitespace = on_html_text, .cdataBlock = on_html_text
	};

	(void)g;
	for (size_t i = 0; i < fragment_count; i++) {
		buf_clear(&text);
		xmlParserCtxt *c =
		    htmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);

		htmlCtxtUseOptions(c, HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
		htmlParseChunk(c, fragments[i].p, (int)fragments[i].n, 0);
		htmlParseChunk(c, "", 0, 1);
		xmlFreeDoc(c->myDoc);
		htmlFreeParserCtxt(c);
	}
}

/* The best of the rounds of each, in turns. */
static void compare(const struct group *g, pass_f *const *passes, size_t n, unsigned rounds, double *best)
{
	for (unsigned r = 0; r < rounds; r++)
		for (size_t k = 0; k < n; k++) {
			double from = cpu_now();

			for (size_t c = 0; c < g->copies; c++)
				passes[k](g);
			from = (cpu_now() - from) / (double)g->copies;
			if (r == 0 || from < best[k])
				best[k] = from;
		}
}

/* CPU time of a command with its output thrown away; negative: it failed. */
static double run(char *const *argv)
{
	posix_spawn_file_actions_t actions;
	struct rusage use;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	int failed = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);

	posix_spawn_file_actions_destroy(&actions);
	if (failed || wait4(pid, &status, 0, &use) != pid || status != 0)
		return -1;
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
}

static double best_run(char *const *argv, unsigned rounds)
{
	double best = run(argv);

	for (unsigned r = 1; r < rounds && best >= 0; r++) {
		double t = run(argv);

		if (t >= 0 && t < best)
			best = t;
	}
	return best;
}

static bool missed;

static void result(const char *what, double ratio, double goal, bool at_most)
{
	bool met = at_most ? ratio <= goal : ratio >= goal;

	printf("  %-66s %8.2f   goal %s %-6.2f %s\n", what, ratio, at_most ? "<=" : ">=", goal,
	    met ? "met" : "MISSED");
	missed = missed || !met;
}

/* What no goal is set for. */
static void remark(const char *what, double ratio)
{
	printf("  %-66s %8.2f\n", what, ratio);
}

static void absent(const char *what)
{
	printf("  %-66s        -   not installed\n", what);
}

static void print_passes(const struct group *groups, size_t n, unsigned rounds, double *total)
{
	static pass_f *const passes[PASSES] = { pass_raw, pass_published, pass_worker, pass_all, pass_collect,
		pass_mrss };
	size_t count = mrss_parse ? PASSES : PASSES - 1;

	printf("  %-22s %8s %10s %10s %10s %10s %10s %10s\n", "MB/s of CPU", "MB", "raw SAX", "published",
	    "worker", "all", "collected", "libmrss");
	for (size_t i = 0; i < n; i++) {
		double best[PASSES] = { 0 }, mb = (double)groups[i].bytes * 1e-6;

		if (groups[i].n == 0)
			continue;
		compare(&groups[i], passes, count, rounds, best);
		printf("  %-22s %8.2f", groups[i].name, mb);
		for (size_t k = 0; k < PASSES; k++) {
			total[k] += best[k];
			printf(" %10.0f", best[k] > 0 ? mb / best[k] : 0);
		}
		printf("\n");
	}
}

static void print_html(unsigned rounds)
{
	static pass_f *const passes[] = { pass_html_ours, pass_html_libxml2 };
	struct group g = { .copies = 1 };
	double best[2] = { 0 };

	compare(&g, passes, 2, rounds, best);
	result("HTML to text / libxml2's HTML SAX", best[1] / best[0], 6, false);
}

/* feedparser's time is told by itself, without the start of its interpreter. */
static void print_feedparser(const struct group *groups, size_t n, double ours)
{
	char command[4096];
	double seconds = 0;
	size_t at = (size_t)snprintf(command, sizeof(command), "/usr/bin/python3 tests/bench/peer_parse.py");

	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(command + at, sizeof(command) - at, " %s", groups[i].at[0].path);
	FILE *f = popen(command, "r");

	if (f && fscanf(f, "%lf", &seconds) == 1)
		result("everything made / python3-feedparser", seconds / ours, 60, false);
	else
		absent("everything made / python3-feedparser");
	if (f)
		pclose(f);
}

/* The largest of all that is at hand, so that the start of the commands counts least. */
static void print_xmllint(
    const char *gazettectl, const struct group *captures, const struct document *other, unsigned rounds)
{
	const struct document *largest = other;

	for (size_t i = 0; i < captures->n; i++)
		if (i == 0 || captures->at[i].n > largest->n)
			largest = &captures->at[i];
	char *file = strdup(largest->path);
	char *command = strdup(gazettectl);
	double ours = best_run((char *[]){ command, "parse", file, NULL }, rounds * 3);
	double lint = best_run((char *[]){ "xmllint", "--noout", file, NULL }, rounds * 3);

	if (lint > 0 && ours > 0)
		result("gazettectl parse, largest capture: times xmllint --noout", ours / lint, 3, true);
	else
		absent("gazettectl parse / xmllint --noout");
	free(command);
	free(file);
}

/* sfeed writes the fields as they were published; it has no library, so its whole process is measured. */
static void print_sfeed(const char *gazettectl, const struct group *large, unsigned rounds)
{
	static pass_f *const published[] = { pass_published };
	char script[400], parse_script[800];
	double best;

	snprintf(script, sizeof(script), "sfeed <%s", large->at[0].path);
	snprintf(parse_script, sizeof(parse_script), "%s parse %s", gazettectl, large->at[0].path);
	double sfeed = best_run((char *[]){ "sh", "-c", script, NULL }, rounds * 3);
	double ours = best_run((char *[]){ "sh", "-c", parse_script, NULL }, rounds * 3);

	compare(large, published, 1, rounds * 3, &best);
	if (sfeed <= 0) {
		absent("fields as published / sfeed");
		return;
	}
	result("fields as published / sfeed", sfeed / best, 2, false);
	remark("gazettectl parse, with texts and HTML as JSON / sfeed", sfeed / ours);
}

/* The documents of a list, for themselves: what the goals are set for. */
static void print_list(const char *path, unsigned rounds)
{
	struct group g;
	double total[PASSES] = { 0 };
	char what[80];

	read_list(&g, path);
	print_passes(&g, 1, rounds, total);
	if (total[1] <= 0)
		return;
	snprintf(what, sizeof(what), "%s: fields as published / raw libxml2 push SAX", g.name);
	result(what, total[0] / total[1], 0.95, false);
	remark("what a worker asks for (with plain texts) / the same", total[0] / total[2]);
	remark("everything made / the same", total[0] / total[3]);
	remark("(fields collected by libxml2 itself, nothing made of them / the same)", total[0] / total[4]);
	if (total[5] > 0)
		result("everything made / libmrss", total[5] / total[3], 2, false);
}

static void find_mrss(void)
{
	void *library = dlopen("libmrss.so.0", RTLD_NOW);

	if (!library)
		return;
	*(void **)&mrss_parse = dlsym(library, "mrss_parse_buffer");
	*(void **)&mrss_free = dlsym(library, "mrss_free");
}

static void be_silent(void *ctx, const char *format, ...)
{
	(void)ctx, (void)format;
}

int main(int argc, char **argv)
{
	enum { STYLES = sizeof(styles) / sizeof(styles[0]) };
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : ROUNDS;
	static struct release releases[256];
	struct group groups[STYLES + 1], large;
	double total[PASSES] = { 0 };
	char gazettectl[400];
	size_t count = read_releases(releases, 256);
	const char *tests = strstr(argv[0], "/tests/bench/");
	bool recovered;

	snprintf(gazettectl, sizeof(gazettectl), "%.*s/gazettectl", tests ? (int)(tests - argv[0]) : 1,
	    tests ? argv[0] : ".");
	if (count == 0 || !mkdtemp(folder)) {
		fprintf(stderr, "needs " RELEASES " and /dev/shm\n");
		return 1;
	}
	feed_init();
	xmlSetGenericErrorFunc(NULL, be_silent);
	find_mrss();
	buf_init(&text, 1u << 28);
	buf_init(&field, 1u << 28);
	for (size_t i = 0; i < STYLES; i++) {
		generate(&groups[i], &styles[i], releases, count, REPEATS);
		parse(&groups[i].at[0], 0, keep_fragment, &recovered);
	}
	print_passes(groups, STYLES, rounds, total);
	generate(&large, &styles[0], releases, count, REPEATS_LARGE);
	double ours_generated = total[3], mrss = total[5];

	read_captures(&groups[STYLES]);
	for (size_t i = 0; i < groups[STYLES].n; i++)
		parse(&groups[STYLES].at[i], 0, keep_fragment, &recovered);
	print_passes(&groups[STYLES], 1, rounds, total);
	result("fields as published / raw libxml2 push SAX", total[0] / total[1], 0.95, false);
	remark("what a worker asks for (with plain texts) / raw libxml2 push SAX", total[0] / total[2]);
	remark("everything made (and links in HTML resolved) / the same", total[0] / total[3]);
	print_html(rounds);
	print_feedparser(groups, STYLES, ours_generated);
	if (mrss > 0)
		result("everything made / libmrss", mrss / ours_generated, 2, false);
	else
		absent("everything made / libmrss");
	print_xmllint(gazettectl, &groups[STYLES], &large.at[0], rounds);
	print_sfeed(gazettectl, &large, rounds);
	for (int i = 2; i < argc; i++)
		print_list(argv[i], rounds);
	unlink(large.at[0].path);
	for (size_t i = 0; i < STYLES; i++)
		unlink(groups[i].at[0].path);
	rmdir(folder);
	return missed;
}
