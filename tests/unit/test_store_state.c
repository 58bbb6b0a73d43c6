/* state: what is put in comes out again, also after reopening; deliveries are unique, ordered and expire; foreign files are refused. */
#include "daemon/base/buf.h"
#include "daemon/base/hash.h"
#include "daemon/store/state_delivery.h"
#include "daemon/store/state_file.h"
#include "daemon/store/state_priv.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

struct box {
	char folder[64], path[96];
	struct state *s;
};

static struct err e;

static int set_up(void **ctx)
{
	struct box *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	snprintf(b->folder, sizeof(b->folder), "/dev/shm/state-XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->path, sizeof(b->path), "%s/state.db", b->folder);
	e = (struct err){ 0 };
	assert_true(state_open(b->path, &b->s, &e));
	*ctx = b;
	return 0;
}

static int tear_down(void **ctx)
{
	struct box *b = *ctx;
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char path[120];

	state_close(&b->s);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", b->path, suffixes[i]);
		unlink(path);
	}
	rmdir(b->folder);
	free(b);
	return 0;
}

static void reopen(struct box *b)
{
	state_close(&b->s);
	assert_true(state_open(b->path, &b->s, &e));
}

static void values_survive(void **ctx)
{
	struct box *b = *ctx;
	char out[8];
	size_t n;

	assert_int_equal(state_applied_lsn(b->s), 0);
	assert_true(state_begin(b->s, &e));
	assert_true(state_put(b->s, "chain", STR("abcdefghij"), &e));
	assert_true(state_commit(b->s, 42, &e));
	reopen(b);
	assert_int_equal(state_applied_lsn(b->s), 42);
	assert_true(state_get(b->s, "chain", out, sizeof(out), &n, &e));
	assert_int_equal(n, 10);
	assert_memory_equal(out, "abcdefgh", 8);
	assert_true(state_get(b->s, "absent", out, sizeof(out), &n, &e));
	assert_true(n == STATE_ABSENT);
	assert_true(state_sync(b->s, &e));
}

/* As a pager behind `gazettectl alerts log` does it. */
static void a_reader_does_not_hold_up_the_sync(void **ctx)
{
	struct box *b = *ctx;
	sqlite3 *reader;
	char value[8];
	size_t n;

	assert_true(state_put(b->s, "a", STR("1"), &e));
	assert_true(state_sync(b->s, &e));
	assert_int_equal(sqlite3_open_v2(b->path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(reader, "BEGIN; SELECT * FROM sqlite_master", NULL, NULL, NULL), SQLITE_OK);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(state_put(b->s, "a", STR("2"), &e));
		assert_true(state_sync(b->s, &e));
	}
	assert_int_equal(sqlite3_close(reader), SQLITE_OK);
	assert_true(state_sync(b->s, &e));
	reopen(b);
	assert_true(state_get(b->s, "a", value, sizeof(value), &n, &e));
	assert_int_equal(n, 1);
	assert_int_equal(value[0], '2');
}

/* As the pool's thread does it in the middle of a checkpoint. What the log holds is synced then, and what comes later is not in its way. */
static void a_fold_does_not_hold_up_the_sync(void **ctx)
{
	enum { CHECKPOINT_LOCK = 1 }; /* SQLite's number of it */
	struct box *b = *ctx;
	sqlite3_file *file = NULL;
	sqlite3 *other;
	char value[8];
	size_t n;

	assert_true(state_put(b->s, "a", STR("1"), &e));
	assert_int_equal(sqlite3_open_v2(b->path, &other, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "SELECT * FROM sqlite_master", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_file_control(other, "main", SQLITE_FCNTL_FILE_POINTER, &file), SQLITE_OK);
	assert_int_equal(
	    file->pMethods->xShmLock(file, CHECKPOINT_LOCK, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE),
	    SQLITE_OK);
	assert_true(state_put(b->s, "a", STR("2"), &e));
	assert_true(state_sync(b->s, &e));
	assert_true(state_get(b->s, "synced", value, sizeof(value), &n, &e));
	assert_true(n != STATE_ABSENT);
	assert_int_equal(
	    file->pMethods->xShmLock(file, CHECKPOINT_LOCK, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	assert_true(state_sync(b->s, &e));
}

static int64_t bytes_of_log(const struct box *b)
{
	char path[120];
	struct fs_stat st;

	snprintf(path, sizeof(path), "%s-wal", b->path);
	assert_int_equal(fs_system.stat(&fs_system, path, &st), 0);
	return st.size;
}

static void shrinks(void **ctx)
{
	struct box *b = *ctx;
	char out[8];
	size_t n;

	assert_true(state_begin(b->s, &e));
	assert_true(state_put(b->s, "chain", STR("abc"), &e));
	assert_true(state_commit(b->s, 1, &e));
	assert_true(state_sync(b->s, &e));
	assert_true(bytes_of_log(b) > 0);
	state_shrink(b->s);
	assert_int_equal(bytes_of_log(b), 0);
	assert_true(state_get(b->s, "chain", out, sizeof(out), &n, &e));
	assert_int_equal(n, 3);
	assert_true(state_begin(b->s, &e));
	assert_true(state_put(b->s, "chain", STR("abcd"), &e));
	assert_true(state_commit(b->s, 2, &e));
	reopen(b);
	assert_true(state_get(b->s, "chain", out, sizeof(out), &n, &e));
	assert_int_equal(n, 4);
}

static void rollback_undoes(void **ctx)
{
	struct box *b = *ctx;
	char out[8];
	size_t n;

	assert_true(state_begin(b->s, &e));
	assert_true(state_put(b->s, "seq", STR("7"), &e));
	state_rollback(b->s);
	assert_true(state_get(b->s, "seq", out, sizeof(out), &n, &e));
	assert_true(n == STATE_ABSENT);
	state_rollback(b->s); /* none open: nothing happens */
}

struct counts {
	unsigned rows;
	struct state_seen last;
	char keys[200];
};

static bool count_seen(void *ctx, const struct state_seen *row)
{
	struct counts *c = ctx;

	c->rows++;
	c->last = *row;
	return true;
}

static void aliases_are_kept_touched_and_expired(void **ctx)
{
	struct box *b = *ctx;
	const struct state_seen big = { UINT64_MAX - 3, UINT64_MAX, UINT32_MAX, 100 };
	const struct state_seen old = { 5, 6, 7, 50 };
	struct counts c = { 0 };
	uint64_t deleted;

	assert_true(state_seen_put(b->s, &big, &e));
	assert_true(state_seen_put(b->s, &old, &e));
	assert_true(state_seen_touch(b->s, big.alias, UINT32_MAX, &e));
	assert_true(state_seen_expire(b->s, 6, UINT64_MAX, 51, &deleted, &e));
	assert_int_equal(deleted, 0);
	assert_true(state_seen_expire(b->s, 0, UINT64_MAX, 51, &deleted, &e));
	assert_int_equal(deleted, 1);
	assert_true(state_seen_each(b->s, count_seen, &c, &e));
	assert_int_equal(c.rows, 1);
	assert_true(c.last.alias == big.alias && c.last.value == UINT64_MAX && c.last.content == UINT32_MAX);
	assert_true(c.last.last == UINT32_MAX);
}

static bool collect_feed(void *ctx, struct str feed, struct str blob)
{
	struct counts *c = ctx;
	size_t n = strlen(c->keys);

	c->rows++;
	snprintf(c->keys + n, sizeof(c->keys) - n, "%.*s=%zu ", STR_ARG(feed), blob.n);
	return true;
}

static void feeds_are_replaced_and_deleted(void **ctx)
{
	struct box *b = *ctx;
	struct counts c = { 0 };

	assert_true(state_feed_put(b->s, STR("b"), str_of("\0\1\2", 3), &e));
	assert_true(state_feed_put(b->s, STR("a"), STR(""), &e));
	assert_true(state_feed_put(b->s, STR("b"), STR("12345"), &e));
	assert_true(state_feed_put(b->s, STR("c"), STR("x"), &e));
	assert_true(state_feed_delete(b->s, STR("c"), &e));
	assert_true(state_feed_each(b->s, collect_feed, &c, &e));
	assert_string_equal(c.keys, "a=0 b=5 ");
}

static bool collect_delivery(void *ctx, const struct state_delivery *d)
{
	struct counts *c = ctx;
	size_t n = strlen(c->keys);

	c->rows++;
	snprintf(c->keys + n, sizeof(c->keys) - n, "%.*s/%u ", STR_ARG(d->key), d->attempts);
	return true;
}

static bool turn(struct box *b, const char *key, enum state_delivery_status status, uint32_t attempts,
    int64_t due, const char *error)
{
	struct state_delivery d = { .key = str_from(key),
		.status = status,
		.attempts = attempts,
		.due_ms = due,
		.last_error = str_from(error) };

	return state_delivery_update(b->s, &d, &e);
}

static void deliveries_are_unique_and_due_in_order(void **ctx)
{
	struct box *b = *ctx;
	struct state_delivery d = {
		.key = STR("k1"), .alert = STR("a"), .line = STR("{}"), .seq = 1, .due_ms = 300
	};
	struct counts c = { 0 };
	uint64_t restarted;
	int64_t due;

	assert_true(state_delivery_next_due(b->s, DELIVERY_PENDING, &due, &e));
	assert_true(due == INT64_MAX);
	assert_true(state_delivery_put(b->s, &d, &e));
	d.attempts = 9;
	assert_true(state_delivery_put(b->s, &d, &e)); /* the key exists: nothing changes */
	d = (struct state_delivery){ .key = STR("k2"), .line = STR("{}"), .due_ms = 100, .created_ms = 10 };
	assert_true(state_delivery_put(b->s, &d, &e));
	assert_true(state_delivery_next_due(b->s, DELIVERY_PENDING, &due, &e));
	assert_true(due == 100);
	assert_true(state_delivery_due(b->s, DELIVERY_PENDING, 300, 10, collect_delivery, &c, &e));
	assert_string_equal(c.keys, "k2/0 k1/0 ");
	assert_true(turn(b, "k2", DELIVERY_STARTED, 1, 100, ""));
	assert_true(state_delivery_next_due(b->s, DELIVERY_PENDING, &due, &e));
	assert_true(due == 300); /* what runs is not due */
	reopen(b);
	assert_true(state_delivery_restart(b->s, &restarted, &e));
	assert_int_equal(restarted, 1);
	assert_true(state_delivery_next_due(b->s, DELIVERY_PENDING, &due, &e));
	assert_true(due == 100);
	assert_true(turn(b, "k2", DELIVERY_DONE, 1, 0, ""));
	assert_true(turn(b, "k1", DELIVERY_DEAD, 3, 0, "exit 1"));
	assert_true(state_delivery_expire(b->s, 1000, INT64_MIN, &e));
	c = (struct counts){ 0 };
	assert_true(state_delivery_each(b->s, DELIVERY_DONE, collect_delivery, &c, &e));
	assert_int_equal(c.rows, 0);
	assert_true(state_delivery_each(b->s, DELIVERY_DEAD, collect_delivery, &c, &e));
	assert_string_equal(c.keys, "k1/3 ");
}

static void overwrite(const char *path, const char *bytes, size_t n, long offset)
{
	FILE *f = fopen(path, "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, offset, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static void damage_and_newer_versions_are_told(void **ctx)
{
	struct box *b = *ctx;
	static const char newer[4] = { 0, 0, 0, 99 }, none[4] = { 0, 0, 0, 0 };

	state_close(&b->s);
	overwrite(b->path, newer, sizeof(newer), 60); /* user_version in the header of the file */
	e = (struct err){ 0 };
	assert_false(state_open(b->path, &b->s, &e));
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_null(b->s);
	overwrite(b->path, none, sizeof(none), 60);
	e = (struct err){ 0 };
	assert_false(state_open(b->path, &b->s, &e));
	assert_int_equal(e.kind, ERR_PARSE); /* it is ours, and no version ever had that number */
	overwrite(b->path, "this is not a database at all....", 32, 0);
	e = (struct err){ 0 };
	assert_false(state_open(b->path, &b->s, &e));
	assert_int_equal(e.kind, ERR_PARSE);
	assert_non_null(strstr(e.text, "damaged"));
	e = (struct err){ 0 };
}

#define PAGE 4096

/* Who took "cannot be read" for "absent" would number records from 1 again. */
static void unreadable_is_not_absent(void **ctx)
{
	struct box *b = *ctx;
	static char large[8 * PAGE], out[8 * PAGE];
	size_t n;

	assert_true(state_begin(b->s, &e));
	assert_true(state_put(b->s, "chain", str_of(large, sizeof(large)), &e));
	assert_true(state_commit(b->s, 42, &e));
	state_close(&b->s);
	FILE *f = fopen(b->path, "rb");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	long size = ftell(f);
	fclose(f);
	overwrite(b->path, "\xff\xff\xff\xff", 4, size - 3 * PAGE); /* where the value goes on */
	assert_true(state_open(b->path, &b->s, &e));
	assert_int_equal(state_applied_lsn(b->s), 42);
	assert_false(state_get(b->s, "chain", out, sizeof(out), &n, &e));
	assert_non_null(strstr(e.text, "damaged"));
	e = (struct err){ 0 };
	state_close(&b->s);
	memset(large, 0xff, PAGE);
	overwrite(b->path, large, PAGE, PAGE); /* the table with the number of the last entry */
	assert_false(state_open(b->path, &b->s, &e));
	assert_non_null(strstr(e.text, "damaged"));
	e = (struct err){ 0 };
}

#define NOW_MS 1795255200000 /* 2026-11-21T10:00:00Z */

static void fill(struct box *b)
{
	assert_true(state_begin(b->s, &e));
	for (uint64_t i = 1; i <= 3000; i++)
		assert_true(state_seen_put(b->s, &(struct state_seen){ i << 50 | i, i, 1, 2 }, &e));
	assert_true(state_commit(b->s, 3000, &e));
	state_close(&b->s);
}

static void cut(const char *path)
{
	assert_int_equal(truncate(path, 20000), 0);
}

static void make_noise(const char *path)
{
	static char noise[9000];

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)(i * 37);
	overwrite(path, noise, sizeof(noise), 0);
}

static void flip_bits(const char *path)
{
	for (long at = 150; at < 40000; at += 200)
		overwrite(path, "\xaa", 1, at);
}

static void clear_page(const char *path)
{
	static char zeros[PAGE];

	overwrite(path, zeros, PAGE, 5L * PAGE);
}

static void a_damaged_file_is_set_aside(void **ctx)
{
	static void (*const damages[])(const char *) = { cut, make_noise, flip_bits, clear_page };
	struct box *b = *ctx;

	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		struct state_mending m;

		fill(b);
		damages[i](b->path);
		assert_true(
		    state_open_mended(&fs_system, b->path, NOW_MS + (int64_t)i * 1000, &b->s, &m, &e));
		assert_int_equal(m.damage.kind, ERR_PARSE);
		assert_non_null(strstr(m.aside, "/state.db.damaged-20261121T10"));
		assert_int_equal(access(m.aside, F_OK), 0);
		assert_int_equal(state_applied_lsn(b->s), 0);
		unlink(m.aside);
	}
}

static void a_whole_a_missing_and_an_empty_file_are_opened(void **ctx)
{
	struct box *b = *ctx;
	struct state_mending m;

	fill(b);
	assert_true(state_open_mended(&fs_system, b->path, NOW_MS, &b->s, &m, &e));
	assert_string_equal(m.aside, "");
	assert_int_equal(state_applied_lsn(b->s), 3000);
	state_close(&b->s);
	assert_int_equal(truncate(b->path, 0), 0);
	assert_true(state_open_mended(&fs_system, b->path, NOW_MS, &b->s, &m, &e));
	assert_string_equal(m.aside, "");
	assert_int_equal(state_applied_lsn(b->s), 0);
	state_close(&b->s);
	unlink(b->path);
	assert_true(state_open_mended(&fs_system, b->path, NOW_MS, &b->s, &m, &e));
	assert_string_equal(m.aside, "");
}

static uint64_t print_of(const char *path)
{
	struct buf text;
	uint64_t print;

	assert_true(fs_read_file(&fs_system, path, 1u << 24, &text, &e));
	print = hash64(buf_view(&text), 0);
	buf_fini(&text);
	return print;
}

/* Not a byte either, and its journal is the one that it had. */
static void a_file_of_another_program_is_left_as_it_is(void **ctx)
{
	static const char nobodys[4] = { 0 }, with_rollback_journal[2] = { 1, 1 };
	struct box *b = *ctx;
	uint64_t before;

	fill(b);
	overwrite(b->path, nobodys, sizeof(nobodys), 68); /* application_id */
	overwrite(b->path, with_rollback_journal, sizeof(with_rollback_journal), 18);
	before = print_of(b->path);
	assert_false(state_open(b->path, &b->s, &e));
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_non_null(strstr(e.text, "another program"));
	assert_true(print_of(b->path) == before);
	e = (struct err){ 0 };
}

/* Not a byte of it is touched: the newer program shall go on with it. */
static void a_newer_file_is_left_as_it_is(void **ctx)
{
	static const char newer[4] = { 0, 0, 0, 99 };
	struct box *b = *ctx;
	struct state_mending m;
	uint64_t before;
	char wal[120];

	fill(b);
	overwrite(b->path, newer, sizeof(newer), 60);
	before = print_of(b->path);
	assert_false(state_open_mended(&fs_system, b->path, NOW_MS, &b->s, &m, &e));
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_non_null(strstr(e.text, "newer"));
	assert_null(b->s);
	assert_true(print_of(b->path) == before);
	snprintf(wal, sizeof(wal), "%s-wal", b->path);
	assert_int_not_equal(access(wal, F_OK), 0);
	e = (struct err){ 0 };
}

/* One large change does not leave its size behind for ever. */
static void the_log_shrinks_to_its_bound(void **ctx)
{
	static char large[1 << 20];
	struct box *b = *ctx;
	char name[24];

	assert_true(state_begin(b->s, &e));
	for (int i = 0; i < 24; i++) {
		snprintf(name, sizeof(name), "large-%d", i);
		assert_true(state_put(b->s, name, str_of(large, sizeof(large)), &e));
	}
	assert_true(state_commit(b->s, 1, &e));
	assert_true(bytes_of_log(b) > 24 << 20);
	assert_true(state_sync(b->s, &e));
	assert_true(state_begin(b->s, &e));
	assert_true(state_put(b->s, "small", STR("x"), &e));
	assert_true(state_commit(b->s, 2, &e));
	assert_true(bytes_of_log(b) <= 16 << 20);
}

/* What is asked a few times for each alert is planned once, whatever values it is asked with. */
static void statements_are_prepared_once(void **ctx)
{
	struct box *b = *ctx;
	int64_t due;

	for (int64_t now = 0; now < 10; now++)
		for (unsigned status = 0; status < DELIVERY_STATUSES; status++) {
			struct counts c = { 0 };

			assert_true(state_delivery_due(
			    b->s, (enum state_delivery_status)status, now, 10, collect_delivery, &c, &e));
			assert_true(
			    state_delivery_next_due(b->s, (enum state_delivery_status)status, &due, &e));
		}
	for (unsigned i = 0; i < STATE_STATEMENTS; i++)
		assert_int_equal(sqlite3_stmt_status(b->s->statements[i], SQLITE_STMTSTATUS_REPREPARE, 0), 0);
}

static void fill_rows(struct box *b)
{
	assert_true(state_begin(b->s, &e));
	assert_true(state_put(b->s, "chain", STR("abcdefghij"), &e));
	assert_true(state_feed_put(b->s, STR("hk"), STR("state of a feed"), &e));
	assert_true(state_seen_put(b->s, &(struct state_seen){ UINT64_C(0x8123456789abcdef), 7, 9, 11 }, &e));
	assert_true(
	    state_seen_put(b->s, &(struct state_seen){ UINT64_C(0x7123456789abcd), 8, UINT32_MAX, 12 }, &e));
	assert_true(state_seen_touch(b->s, UINT64_C(0x8123456789abcdef), UINT32_MAX, &e));
	assert_true(state_numbered_put(b->s, STATE_ITEMS, 5, STR("an item"), &e));
	assert_true(state_numbered_put(b->s, STATE_ITEMS, 6, STR("another"), &e));
	assert_true(state_numbered_put(b->s, STATE_REPLAYS, 5, STR("topic\n"), &e));
	assert_true(state_commit(b->s, 42, &e));
	state_close(&b->s);
}

static void run_sql(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static int64_t ask_number(const char *path, const char *sql)
{
	sqlite3_stmt *q;
	sqlite3 *db;
	int64_t n;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

static bool opens_whole(struct box *b)
{
	struct state_mending m;
	bool whole;

	assert_true(state_open_mended(&fs_system, b->path, NOW_MS, &b->s, &m, &e));
	whole = m.aside[0] == '\0';
	assert_true(state_sync(b->s, &e)); /* nothing of the looking through is left that locks it */
	assert_true(whole || (m.damage.kind == ERR_PARSE && state_applied_lsn(b->s) == 0));
	state_close(&b->s);
	if (!whole)
		unlink(m.aside);
	return whole;
}

/* Through the database, so that only the row is another one and no page is damaged. */
static void every_byte_of_a_row_counts(void **ctx)
{
	static const struct {
		const char *length, *flip; /* of a blob; how its byte %d becomes another */
	} rows[] = {
		{ "SELECT length(value) FROM value WHERE name = 'chain'",
		    "UPDATE value SET value = CAST(x'' || substr(value, 1, %d) || x'07' || substr(value, %d "
		    "+ 2) AS "
		    "BLOB) WHERE name = 'chain'" },
		{ "SELECT length(value) FROM value WHERE name = 'applied_lsn'",
		    "UPDATE value SET value = CAST(x'' || substr(value, 1, %d) || x'07' || substr(value, %d "
		    "+ 2) AS "
		    "BLOB) WHERE name = 'applied_lsn'" },
		{ "SELECT length(state) FROM feed", "UPDATE feed SET state = CAST(x'' || substr(state, 1, "
		                                    "%d) || x'07' || substr(state, %d + 2) AS "
		                                    "BLOB)" },
		{ "SELECT length(value) FROM numbered WHERE kind = 3",
		    "UPDATE numbered SET value = CAST(x'' || substr(value, 1, %d) || x'07' || substr(value, "
		    "%d + 2) "
		    "AS BLOB) WHERE kind = 3" },
		{ "SELECT 64",
		    "UPDATE seen SET alias = (alias | (1 << %d)) - (alias & (1 << %d)) WHERE value = 7" },
		{ "SELECT 63",
		    "UPDATE seen SET value = (value | (1 << %d)) - (value & (1 << %d)) WHERE value = 7" },
		{ "SELECT 63", "UPDATE seen SET content = (content | (1 << %d)) - (content & (1 << %d)) "
		               "WHERE value = 7" },
		{ "SELECT 63",
		    "UPDATE seen SET last = (last | (1 << %d)) - (last & (1 << %d)) WHERE value = 7" },
	};
	struct box *b = *ctx;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t length;

		fill_rows(b);
		assert_true(opens_whole(b));
		length = ask_number(b->path, rows[i].length);
		assert_in_range(length, 6, 64);
		for (int at = 0; at < length; at++) {
			char sql[300];

			snprintf(sql, sizeof(sql), rows[i].flip, at, at);
			run_sql(b->path, sql);
			assert_false(opens_whole(b));
			assert_true(state_open(b->path, &b->s, &e));
			fill_rows(b);
		}
		assert_true(state_open(b->path, &b->s, &e));
	}
}

/* Of an item is known less then, of the others as much as before. */
static void a_damaged_item_is_not_found(void **ctx)
{
	struct box *b = *ctx;
	struct buf out;
	bool found;

	fill_rows(b);
	run_sql(b->path,
	    "UPDATE numbered SET value = (SELECT value FROM numbered WHERE kind = 1 AND number = 6)"
	    " WHERE kind = 1 AND number = 5");
	assert_true(opens_whole(b));
	assert_true(state_open(b->path, &b->s, &e));
	buf_init(&out, 100);
	assert_true(state_numbered_get(b->s, STATE_ITEMS, 5, &out, &found, &e));
	assert_false(found);
	assert_true(state_numbered_get(b->s, STATE_ITEMS, 6, &out, &found, &e));
	assert_true(found && str_eq(buf_view(&out), STR("another")));
	buf_fini(&out);
}

/* A file of the version before has no sums; it gets them, and says what it said. */
static void an_older_file_gets_sums(void **ctx)
{
	struct box *b = *ctx;
	struct state_seen row;
	char out[64];
	struct buf blob;
	bool found;
	size_t n;

	fill_rows(b);
	run_sql(b->path, "UPDATE value SET value = substr(value, 1, length(value) - 4);"
	                 "UPDATE feed SET state = substr(state, 1, length(state) - 4);"
	                 "UPDATE numbered SET value = substr(value, 1, length(value) - 4);"
	                 "UPDATE seen SET content = content & 4294967295, last = last & 4294967295;"
	                 "PRAGMA user_version = 2");
	assert_true(opens_whole(b));
	assert_int_equal(ask_number(b->path, "PRAGMA user_version"), 3);
	assert_true(state_open(b->path, &b->s, &e));
	assert_int_equal(state_applied_lsn(b->s), 42);
	assert_true(state_get(b->s, "chain", out, sizeof(out), &n, &e));
	assert_true(str_eq(str_of(out, n), STR("abcdefghij")));
	assert_true(state_seen_get(b->s, UINT64_C(0x8123456789abcdef), &row, &found, &e));
	assert_true(found && row.value == 7 && row.content == 9 && row.last == UINT32_MAX);
	buf_init(&blob, 100);
	assert_true(state_numbered_get(b->s, STATE_REPLAYS, 5, &blob, &found, &e));
	assert_true(found && str_eq(buf_view(&blob), STR("topic\n")));
	buf_fini(&blob);
}

static bool has_value(struct state *s, const char *name)
{
	char out[8];
	size_t n;

	assert_true(state_get(s, name, out, sizeof(out), &n, &e));
	return n != STATE_ABSENT;
}

static void add_group(struct state *s, const char *name, uint64_t lsn)
{
	assert_true(state_go_on(s, &e));
	assert_true(state_put(s, name, STR("1"), &e));
	assert_true(state_linger(s, lsn, &e));
}

static void what_lingers_is_committed_with_the_next_change(void **ctx)
{
	struct box *b = *ctx;

	add_group(b->s, "five", 5);
	add_group(b->s, "six", 6);
	assert_int_equal(state_applied_lsn(b->s), 0);
	assert_int_equal(ask_number(b->path, "SELECT count(*) FROM value WHERE name IN ('five', 'six')"), 0);
	assert_true(has_value(b->s, "five"));
	assert_true(state_put(b->s, "other", STR("1"), &e));
	assert_int_equal(state_applied_lsn(b->s), 6);
	assert_int_equal(ask_number(b->path, "SELECT count(*) FROM value WHERE name IN ('five', 'six')"), 2);
	add_group(b->s, "seven", 7);
	assert_true(state_begin(b->s, &e));
	assert_int_equal(state_applied_lsn(b->s), 7);
	state_rollback(b->s);
	add_group(b->s, "eight", 8);
	assert_true(state_sync(b->s, &e));
	assert_int_equal(state_applied_lsn(b->s), 8);
	assert_false(state_has_lost(b->s));
	reopen(b);
	assert_int_equal(state_applied_lsn(b->s), 8);
	assert_true(has_value(b->s, "eight"));
}

/* Of a group that goes on where another one is missing nothing would ever be rolled forward. */
static void what_lingers_is_lost_with_a_failure(void **ctx)
{
	struct box *b = *ctx;

	add_group(b->s, "five", 5);
	assert_true(state_go_on(b->s, &e));
	assert_true(state_put(b->s, "six", STR("1"), &e));
	state_rollback(b->s);
	assert_true(state_has_lost(b->s));
	assert_false(has_value(b->s, "five"));
	assert_false(state_go_on(b->s, &e));
	e = (struct err){ 0 };
	assert_true(state_begin(b->s, &e));
	assert_true(state_put(b->s, "five", STR("1"), &e));
	assert_true(state_commit(b->s, 5, &e));
	assert_false(state_has_lost(b->s));
	add_group(b->s, "six", 6);
	reopen(b);
	assert_int_equal(state_applied_lsn(b->s), 5);
	assert_true(has_value(b->s, "five") && !has_value(b->s, "six"));
}

/* As SQLite does by itself when memory or the disk is short. */
static void what_sqlite_undoes_is_lost(void **ctx)
{
	struct box *b = *ctx;

	add_group(b->s, "five", 5);
	assert_int_equal(sqlite3_exec(b->s->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_true(state_has_lost(b->s));
	assert_false(state_settle(b->s, &e));
	e = (struct err){ 0 };
	assert_int_equal(state_applied_lsn(b->s), 0);
	assert_true(state_has_lost(b->s));
	assert_true(state_put(b->s, "other", STR("1"), &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values_survive, set_up, tear_down),
		cmocka_unit_test_setup_teardown(shrinks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_log_shrinks_to_its_bound, set_up, tear_down),
		cmocka_unit_test_setup_teardown(statements_are_prepared_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rollback_undoes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_does_not_hold_up_the_sync, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_fold_does_not_hold_up_the_sync, set_up, tear_down),
		cmocka_unit_test_setup_teardown(aliases_are_kept_touched_and_expired, set_up, tear_down),
		cmocka_unit_test_setup_teardown(feeds_are_replaced_and_deleted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(deliveries_are_unique_and_due_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damage_and_newer_versions_are_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unreadable_is_not_absent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_set_aside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_whole_a_missing_and_an_empty_file_are_opened, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_file_of_another_program_is_left_as_it_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_newer_file_is_left_as_it_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_byte_of_a_row_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_item_is_not_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_older_file_gets_sums, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_lingers_is_committed_with_the_next_change, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_lingers_is_lost_with_a_failure, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_sqlite_undoes_is_lost, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store/state", tests, NULL, NULL);
}
