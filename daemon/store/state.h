/*
 * state: what the daemon remembers between polls and restarts, in SQLite (WAL, one transaction per applied group):
 * feeds, aliases seen, deliveries owed (state_delivery.h), blobs by number. Derived from the journal: after a crash it is rolled forward from applied_lsn.
 * Knows no items, only the rows below. Main thread.
 */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include "daemon/base/err.h"
#include "daemon/base/str.h"

#include <stdint.h>

struct state;

/* `path`: "…/state.db", or ":memory:" in tests. Schema is made or migrated; a newer one is refused (ERR_CONFIG). */
bool state_open(const char *path, struct state **out, struct err *e) MUST_CHECK;
/* Beside the daemon; only for reading. alone: there is no daemon, and nothing is written but the file itself. */
bool state_open_to_read(const char *path, bool alone, struct state **out, struct err *e) MUST_CHECK;
void state_close(struct state **s);

bool state_begin(struct state *s, struct err *e) MUST_CHECK;
bool state_commit(struct state *s, uint64_t applied_lsn, struct err *e) MUST_CHECK;
void state_rollback(struct state *s);
uint64_t state_applied_lsn(const struct state *s); /* of the last commit; asks no disk */
/* Instead of being committed a group's transaction may linger: the next group goes on in it, and pages that both change are written once. Whatever else
 * is begun or changed commits it first, and so does state_settle. A failure undoes all that lingered: it is lost then, and no group goes on, until
 * the state was rolled forward from applied_lsn. */
bool state_go_on(struct state *s, struct err *e) MUST_CHECK; /* or begins, where nothing lingers */
bool state_linger(struct state *s, uint64_t applied_lsn, struct err *e) MUST_CHECK;
bool state_settle(struct state *s, struct err *e) MUST_CHECK;
bool state_has_lost(const struct state *s);
/* Everything committed is on the disk afterwards (WAL checkpoint with sync); then the journal may be recycled. */
bool state_sync(struct state *s, struct err *e) MUST_CHECK;

/* Any thread: the same beside the daemon's connection, for the database of this path. Not *folded: somebody reads what is older. */
bool state_fold(const char *path, bool *folded, struct err *e) MUST_CHECK;
const char *state_path(const struct state *s); /* "": it is in memory */

/* For a disk that is full: gives back the room of the WAL, where no reader is in it. */
void state_shrink(struct state *s);

/* Small values by name: the record sequence, the hash chain, … The value is copied out into buf (cut at size), *n becomes its length or
 * STATE_ABSENT. False: it could not be read, which is not the same as absent: numbers that begin anew would be given twice. */
#define STATE_ABSENT SIZE_MAX
bool state_put(struct state *s, const char *name, struct str value, struct err *e) MUST_CHECK;
bool state_get(
    struct state *s, const char *name, char *buf, size_t size, size_t *n, struct err *e) MUST_CHECK;
bool state_delete(struct state *s, const char *name, struct err *e) MUST_CHECK;

/* One blob per feed, by its name: encoded by the pipe. */
bool state_feed_put(struct state *s, struct str feed, struct str blob, struct err *e) MUST_CHECK;
typedef bool state_feed_f(void *ctx, struct str feed, struct str blob);
bool state_feed_each(struct state *s, state_feed_f *each, void *ctx, struct err *e) MUST_CHECK;
bool state_feed_delete(struct state *s, struct str feed, struct err *e) MUST_CHECK;

/* Aliases: 64-bit hashes (seeded per feed by the pipe). value: the pipe's (sequence number of the record); content: hash of what it
 * said; last: wall seconds when last listed. */
struct state_seen {
	uint64_t alias;
	uint64_t value;
	uint32_t content;
	uint32_t last;
};
bool state_seen_put(struct state *s, const struct state_seen *row, struct err *e) MUST_CHECK;
bool state_seen_touch(struct state *s, uint64_t alias, uint32_t last, struct err *e) MUST_CHECK;
bool state_seen_get(
    struct state *s, uint64_t alias, struct state_seen *row, bool *found, struct err *e) MUST_CHECK;
bool state_seen_count(struct state *s, uint64_t *n, struct err *e) MUST_CHECK;
/* In the order of their aliases, as signed numbers. */
typedef bool state_seen_f(void *ctx, const struct state_seen *row);
bool state_seen_each(struct state *s, state_seen_f *each, void *ctx, struct err *e) MUST_CHECK;
/* Of the aliases from `first` to `last`, those that left before that time go. */
bool state_seen_expire(struct state *s, uint64_t first, uint64_t last, uint32_t before, uint64_t *deleted,
    struct err *e) MUST_CHECK;

/* Blobs by number, of several kinds: encoded by the pipe. One that the disk has damaged is not found, and empty where all are given. */
enum state_numbered {
	STATE_ITEMS = 1, /* what is remembered of an item, by the number of its first record */
	STATE_FINGERPRINTS = 2, /* of a record's text, by its number */
	STATE_REPLAYS = 3, /* topics that a record was replayed for, by its number */
	STATE_SUBSCRIPTIONS = 4 /* at hubs */
};
bool state_numbered_put(
    struct state *s, enum state_numbered kind, uint64_t number, struct str blob, struct err *e) MUST_CHECK;
struct buf;
/* Appends it to `out`. */
bool state_numbered_get(struct state *s, enum state_numbered kind, uint64_t number, struct buf *out,
    bool *found, struct err *e) MUST_CHECK;
typedef bool state_numbered_f(void *ctx, uint64_t number, struct str blob);
/* From this number on, in their order, at most `limit`. */
bool state_numbered_each(struct state *s, enum state_numbered kind, uint64_t from, unsigned limit,
    state_numbered_f *each, void *ctx, struct err *e) MUST_CHECK;
/* Those from `from` up to and without `before`. */
bool state_numbered_delete(
    struct state *s, enum state_numbered kind, uint64_t from, uint64_t before, struct err *e) MUST_CHECK;

#endif
