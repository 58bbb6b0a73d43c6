/*
 * world: the whole engine over a scripted network, real stores and journal on a disk that can die, and virtual time. One world lives
 * through many lives of the daemon.
 */
#ifndef FAKE_WORLD_H
#define FAKE_WORLD_H

#include "daemon/pipe/engine.h"
#include "tests/fake/conf_folder.h"
#include "tests/fake/crash_fs.h"
#include "tests/fake/fake_fetcher.h"
#include "tests/fake/fake_hooks.h"
#include "tests/fake/fake_workers.h"
#include "tests/fake/virtual_clock.h"

#define WORLD_EVENTS_MAX 20000

struct world {
	struct virtual_clock clock;
	struct crash_fs fs;
	const struct fs *disk; /* NULL: fs above */
	struct conf_folder folder; /* configuration, stores and state */
	struct classifier *classifier;
	struct fake_fetcher fetcher;
	struct fake_workers workers;
	struct fake_hooks hooks;
	struct ports ports;
	struct conf *conf;
	struct journal *journal;
	struct stores *stores;
	struct state *state;
	struct engine *engine; /* NULL: not running */
	/* The journal's port: one group at a time. */
	const struct journal_group *group;
	int64_t group_due;
	unsigned fail_commits; /* so many of the next ones */
	unsigned kill_after_commits; /* 1: the next commit is durable, then the process is gone */
	bool killed; /* by that */
	int64_t free_bytes;
	char requests[256]; /* folder; made by the first request */
	int answered; /* the hub's last status; 0: none yet */
	char said[2048]; /* with it */
	uint64_t random; /* state of the generator */
	unsigned lives, compressions;
	struct err job_error; /* of the last job; told to the engine while job_done */
	bool job_done;
	unsigned went_on; /* what a start that takes its time said so */
	char **events; /* the log: "event field=value …" */
	size_t event_count;
};

void world_init(struct world *w, const char *topics_yaml);
void world_fini(struct world *w);

/* Loads gazetted.yaml of the folder. Fails the test when it is wrong. */
void world_configure(struct world *w, const char *yaml);
/* False: the disk died meanwhile. */
bool world_start(struct world *w);
void world_stop(struct world *w); /* drains and closes */
void world_kill(struct world *w); /* nothing more reaches the disk; what runs is forgotten */
bool world_reload(struct world *w);
bool world_reload_topics(struct world *w, const char *topics_yaml); /* those before are gone */
void world_starve(
    struct world *w); /* each buffer that the engine keeps has asked for more than there was, once */

/* Lets everything happen up to this time. False: the disk died, or a commit was the last (`killed`). */
bool world_run_until(struct world *w, int64_t mono);

/* The lines of a store over all its files, malloc'ed and NUL-terminated; "" when there are none. */
char *world_read_store(struct world *w, const char *store);

#endif
