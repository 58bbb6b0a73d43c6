/*
 * engine_bench: an engine to be measured, in virtual time on tmpfs: journal, stores and state are real, feeds stand on a host each, there is
 * one topic, and no alert. What fetches and parses is the bench's own.
 */
#ifndef FAKE_ENGINE_BENCH_H
#define FAKE_ENGINE_BENCH_H

#include "daemon/pipe/engine.h"
#include "tests/fake/conf_folder.h"
#include "tests/fake/virtual_clock.h"

struct engine_bench {
	struct virtual_clock clock;
	struct conf_folder folder;
	struct journal *journal;
	struct engine *engine;
	const struct journal_group *group; /* waits to be committed */
	uint64_t random;
};

void engine_bench_init(struct engine_bench *b);
void engine_bench_fini(struct engine_bench *b);
/* All ports but those that fetch, parse and keep house; nothing can be cancelled. */
void engine_bench_ports(struct engine_bench *b, struct ports *ports);

/* Everything of `parts` but the ports. `settings`: YAML that stands before the feeds, which are http://host-N.example/feed.xml. */
MUST_CHECK bool engine_bench_open(
    struct engine_bench *b, const char *settings, size_t feeds, struct engine_parts *parts, struct err *e);

/* Does what is due of the bench's own, and says when it has to do something again. */
typedef void engine_bench_turn_f(void *ctx);
typedef int64_t engine_bench_next_f(void *ctx);
void engine_bench_run(
    struct engine_bench *b, int64_t ms, engine_bench_turn_f *turn, engine_bench_next_f *next, void *ctx);

double engine_bench_resident_mib(void);

#endif
