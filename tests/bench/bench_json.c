/*
 * bench_json: writing records as JSON lines, with our writer and with yajl's generator (libyajl.so.2, when it is there), in turns; CPU. The texts are
 * those of the demo: twelve languages. Ours also makes sure that a text is UTF-8 and shows nobody something else than it says.
 */
#include "daemon/base/json.h"

#include <dlfcn.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RECORDS_MAX 256
#define ROUNDS 40 /* over all records, of each writer in its turn */
#define TURNS 15
#define LINE_MAX_BYTES (1u << 20)

enum { FIELDS = 5 };
static const char *const names[FIELDS] = { "id", "url", "title", "summary", "content_text" };
static struct str records[RECORDS_MAX][FIELDS];
static size_t count, bytes;

typedef struct yajl_gen_t generator;
static struct {
	generator *(*alloc)(const void *);
	int (*map_open)(generator *), (*map_close)(generator *);
	int (*string)(generator *, const unsigned char *, size_t);
	int (*get_buf)(generator *, const unsigned char **, size_t *);
	void (*clear)(generator *), (*reset)(generator *, const char *), (*release)(generator *);
} yajl;

static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct str keep(const json_t *record, const char *name)
{
	const json_t *v = json_object_get(record, name);

	bytes += json_string_length(v);
	return json_is_string(v) ? str_of(json_string_value(v), json_string_length(v)) : STR("");
}

/* The values live as long as the program. */
static bool read_records(const char *path)
{
	static const char *const sources[FIELDS] = { "feed", "lang", "title", "summary", "html" };
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	while (f && count < RECORDS_MAX && getline(&line, &room, f) > 0) {
		json_t *record = json_loads(line, 0, NULL);

		for (int i = 0; record && i < FIELDS; i++)
			records[count][i] = keep(record, sources[i]);
		count += record != NULL;
	}
	free(line);
	if (f)
		fclose(f);
	return count > 0;
}

static size_t write_ours(struct buf *out)
{
	size_t written = 0;

	for (size_t i = 0; i < count; i++) {
		struct json w;

		buf_clear(out);
		json_init(&w, out);
		json_open_object(&w);
		for (int k = 0; k < FIELDS; k++)
			json_key_string(&w, names[k], records[i][k]);
		json_close_object(&w);
		buf_byte(out, '\n');
		written += out->n;
	}
	return written;
}

static size_t write_theirs(generator *g)
{
	const unsigned char *p;
	size_t written = 0, n;

	for (size_t i = 0; i < count; i++) {
		yajl.map_open(g);
		for (int k = 0; k < FIELDS; k++) {
			yajl.string(g, (const unsigned char *)names[k], strlen(names[k]));
			yajl.string(g, (const unsigned char *)records[i][k].p, records[i][k].n);
		}
		yajl.map_close(g);
		yajl.get_buf(g, &p, &n);
		written += n;
		yajl.clear(g);
		yajl.reset(g, "\n");
	}
	return written;
}

static bool find_yajl(void)
{
	void *library = dlopen("libyajl.so.2", RTLD_NOW);
	const struct {
		const char *name;
		void **function;
	} functions[] = {
		{ "yajl_gen_alloc", (void **)&yajl.alloc },
		{ "yajl_gen_map_open", (void **)&yajl.map_open },
		{ "yajl_gen_map_close", (void **)&yajl.map_close },
		{ "yajl_gen_string", (void **)&yajl.string },
		{ "yajl_gen_get_buf", (void **)&yajl.get_buf },
		{ "yajl_gen_clear", (void **)&yajl.clear },
		{ "yajl_gen_reset", (void **)&yajl.reset },
		{ "yajl_gen_free", (void **)&yajl.release },
	};

	for (size_t i = 0; library && i < ARRAY_LEN(functions); i++) {
		*functions[i].function = dlsym(library, functions[i].name);
		if (!*functions[i].function)
			return false;
	}
	return library != NULL;
}

int main(void)
{
	bool peer = find_yajl();
	double ours = 0, theirs = 0, total;
	generator *g = NULL;
	struct buf out;

	if (!read_records("tests/demo/releases.jsonl")) {
		fprintf(stderr, "bench_json: run it where tests/demo is\n");
		return 1;
	}
	buf_init(&out, LINE_MAX_BYTES);
	if (peer)
		g = yajl.alloc(NULL);
	for (int turn = 0; turn < TURNS; turn++) {
		double begun = cpu_now();

		for (int i = 0; i < ROUNDS; i++)
			(void)write_ours(&out);
		ours += cpu_now() - begun;
		begun = cpu_now();
		for (int i = 0; peer && i < ROUNDS; i++)
			(void)write_theirs(g);
		theirs += cpu_now() - begun;
	}
	total = (double)bytes * ROUNDS * TURNS / 1e6;
	printf("JSON lines, our writer  %6.0f MB/s of CPU\n", total / ours);
	if (peer)
		printf("JSON lines, yajl        %6.0f MB/s of CPU   ours %.2f of it\n", total / theirs,
		    theirs / ours);
	else
		printf("JSON lines, yajl        not installed (libyajl2)\n");
	if (g)
		yajl.release(g);
	buf_fini(&out);
	return out.failed;
}
