/* fake_hooks: scripts that do what the test says. */
#ifndef FAKE_HOOKS_H
#define FAKE_HOOKS_H

#include "daemon/pipe/ports.h"
#include "tests/fake/virtual_clock.h"

#define FAKE_RUNS_MAX 4096

struct fake_behaviour {
	char alert[64];
	int exit_status, signal;
	bool times_out;
	bool broken; /* cannot be started */
	int64_t takes;
};

struct fake_run {
	uint64_t id;
	char alert[64], title[128], key[128], decision[16], topics[128], kind[16], event[64];
	unsigned records; /* lines on standard input */
	unsigned attempt;
	int64_t at, due; /* monotonic; due INT64_MAX: it has ended */
	struct fake_behaviour how;
	bool done_well;
};

struct fake_hooks {
	struct virtual_clock *clock;
	struct fake_behaviour behaviours[64];
	size_t behaviour_count;
	struct fake_run *runs;
	size_t count;
	size_t running, running_most;
};

void fake_hooks_init(struct fake_hooks *h, struct virtual_clock *clock);
void fake_hooks_fini(struct fake_hooks *h);
void fake_hooks_forget(struct fake_hooks *h); /* those that run end unseen */
struct port_hooks fake_hooks_port(struct fake_hooks *h);
struct fake_behaviour *fake_hooks_behaviour(struct fake_hooks *h, const char *alert);
int64_t fake_hooks_next(const struct fake_hooks *h);

typedef void fake_hooked_f(void *ctx, uint64_t id, const struct hook_result *r);
bool fake_hooks_deliver(struct fake_hooks *h, fake_hooked_f *give, void *ctx);

#endif
