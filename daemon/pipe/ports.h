/*
 * ports: the seams between the decisions (pipe) and the world (run). Each is a struct of functions with a real version in run/ and a fake in
 * tests/fake. Every call returns at once; answers come back through engine_on_… on the main thread, never from inside the call.
 */
#ifndef PIPE_PORTS_H
#define PIPE_PORTS_H

#include "daemon/base/clock.h"
#include "daemon/net/request.h"
#include "daemon/store/journal.h"
#include "daemon/store/stores_job.h"

#include <stdint.h>
#include <sys/types.h>

enum secret_use { SECRET_FOR_SERVER, SECRET_FOR_PROXY, SECRET_USES };

struct port_fetcher { /* answer: engine_on_fetched(engine, id, result) */
	void *ctx;
	bool (*start)(void *ctx, uint64_t id, const struct fetch_request *req, struct err *e);
	void (*cancel)(void *ctx, uint64_t id); /* no answer follows */
	/* What stands in a file of secrets (conf's password_file, bearer_file, proxy_password_file), without its line end; NULL: unreadable. Valid
	 * until the next call for the same use. */
	const char *(*secret)(void *ctx, enum secret_use use, const char *path);
};

struct
    port_workers { /* answer: engine_on_answer(engine, id, frame, took) or engine_on_worker_lost(engine, id, why) */
	void *ctx;
	/* Takes the frame's bytes. Slow jobs never have all workers, if there are several. */
	bool (*submit)(void *ctx, uint64_t id, bool slow, struct buf *frame, struct err *e);
};

/* answer: engine_on_committed(engine, error or NULL). One group at a time; it stays the engine's and untouched until then. */
struct port_journal {
	void *ctx;
	void (*commit)(void *ctx, const struct journal_group *group);
};

struct hook_request { /* everything is copied before run() returns */
	uint64_t id;
	const char *
	    stream; /* name of the script that stays and takes this as its next line; NULL: one that is run for this alone */
	char *const *argv; /* NULL-terminated; argv[0] absolute */
	char *const *env; /* NULL-terminated "NAME=value" */
	struct str input; /* on standard input */
	int64_t
	    timeout_ms; /* the whole process group is killed then; of a stream: counted from when its turn has come */
	size_t output_max;
};

struct hook_result {
	int exit_status; /* 0..255; -1: did not exit */
	int signal; /* that ended it, or 0 */
	bool timed_out;
	struct str output; /* the end of stdout and stderr; of a stream: of stderr, then its answer */
	const char *failure; /* could not be started at all: why; or NULL */
};

struct port_hooks { /* answer: engine_on_hook(engine, id, result) */
	void *ctx;
	bool (*run)(void *ctx, const struct hook_request *req, struct err *e);
};

struct port_housekeeper {
	void *ctx;
	/* Runs stores_job_run elsewhere; answer: engine_on_job(engine, error or NULL). One at a time; the job is copied. */
	void (*run)(void *ctx, const struct stores_job *job);
	/* Bytes that may still be written under this folder; -1: unknown. */
	int64_t (*free_bytes)(void *ctx, const char *directory);
};

/* Files that people put into a folder to ask for something; read by engine_tick. fs NULL: nobody asks. */
struct port_requests {
	const struct fs *fs;
	const char *directory;
	/* Somebody wants the configuration to be read anew: soon, not from inside this call. NULL: it cannot be. */
	void (*reload)(void *ctx, const char *request);
	void *ctx;
};

/* A start that takes its time, because much has to be read, goes on: told every some thousand records. NULL: nobody waits for it. */
typedef void port_goes_on_f(void *ctx);

struct port_callbacks { /* engine_on_callback answers the others at once; answer NULL: there is no server */
	void *ctx;
	void (*answer)(void *ctx, uint64_t ticket, int status);
};

struct ports {
	const struct clock *clock;
	struct port_fetcher fetcher;
	struct port_workers workers;
	struct port_journal journal;
	struct port_hooks hooks;
	struct port_housekeeper housekeeper;
	struct port_requests requests;
	port_goes_on_f *goes_on;
	void *goes_on_ctx;
	struct port_callbacks callbacks;
	bool (*entropy)(void *ctx, void *p, size_t n); /* for secrets; false: there is none */
	uint64_t (*random)(void *ctx); /* jitter */
	void *random_ctx;
};

#endif
