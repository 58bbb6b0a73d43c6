/*
 * state_sums: checksums of rows. SQLite tells a damaged page by its structure alone; a bit that flips inside a value goes unnoticed, and a chain or a
 * number that is not what it was would be written on. So what stands in a row says itself whether it is as it was written: blobs end with 32
 * bits over their key and contents, and the numbers of an alias carry 16 bits each above their own 32.
 *
 * Known to SQLite as functions, so that statements put and take sums without their callers knowing. Owns nothing.
 */
#include "daemon/store/state_priv.h"

#include "daemon/base/hash.h"

#include <endian.h>

#define SUM_LEN 4u /* bytes behind a blob */
#define SEEN_SHIFT 32 /* bits of a number of an alias; its sum stands above them */
#define SEEN_MASK UINT64_C(0xffff)

static uint64_t sum_of_numbers(const uint64_t *numbers, size_t count)
{
	uint64_t le[3];

	for (size_t i = 0; i < count; i++)
		le[i] = htole64(numbers[i]);
	return hash64(str_of((const char *)le, count * sizeof(le[0])), count);
}

int64_t state_seen_content(uint64_t alias, uint64_t value, uint32_t content)
{
	uint64_t sum = sum_of_numbers((const uint64_t[]){ alias, value, content }, 3) & SEEN_MASK;

	return (int64_t)(sum << SEEN_SHIFT | content);
}

int64_t state_seen_last(uint64_t alias, uint32_t last)
{
	uint64_t sum = sum_of_numbers((const uint64_t[]){ alias, last }, 2) & SEEN_MASK;

	return (int64_t)(sum << SEEN_SHIFT | last);
}

static struct str value_bytes(sqlite3_value *v)
{
	const void *p = sqlite3_value_blob(v);

	return str_of(p ? p : "", (size_t)sqlite3_value_bytes(v));
}

static uint64_t value_u64(sqlite3_value *v)
{
	sqlite3_int64 bits = sqlite3_value_int64(v);
	uint64_t out;

	memcpy(&out, &bits, sizeof(out));
	return out;
}

/* A row that stands in the place of another one is no better than a damaged one: table and key count. */
static uint32_t sum_of_blob(sqlite3_value *table, sqlite3_value *key, struct str blob)
{
	uint64_t number = htole64(value_u64(key)), seed;
	struct str bytes = sqlite3_value_type(key) == SQLITE_INTEGER
	                       ? str_of((const char *)&number, sizeof(number))
	                       : value_bytes(key);

	seed = hash64(bytes, value_u64(table));
	return htole32((uint32_t)hash64(blob, seed));
}

/* sealed(table, key, blob) */
static void sealed(sqlite3_context *ctx, int count, sqlite3_value **v)
{
	struct str blob = value_bytes(v[2]);
	uint32_t sum = sum_of_blob(v[0], v[1], blob);
	char *p = sqlite3_malloc64(blob.n + SUM_LEN);

	(void)count;
	if (!p) {
		sqlite3_result_error_nomem(ctx);
		return;
	}
	memcpy(p, blob.p, blob.n);
	memcpy(p + blob.n, &sum, SUM_LEN);
	sqlite3_result_blob64(ctx, p, blob.n + SUM_LEN, sqlite3_free);
}

static bool open_sealed(sqlite3_value **v, struct str *blob)
{
	uint32_t said, sum;

	*blob = value_bytes(v[2]);
	if (blob->n < SUM_LEN)
		return false;
	blob->n -= SUM_LEN;
	sum = sum_of_blob(v[0], v[1], *blob);
	memcpy(&said, blob->p + blob->n, SUM_LEN);
	return said == sum;
}

/* opened(table, key, sealed): the blob, or an error */
static void opened(sqlite3_context *ctx, int count, sqlite3_value **v)
{
	struct str blob;

	(void)count;
	if (open_sealed(v, &blob)) {
		sqlite3_result_blob64(ctx, blob.p, blob.n, SQLITE_TRANSIENT);
		return;
	}
	sqlite3_result_error(ctx, "a row is not what was written", -1);
	sqlite3_result_error_code(ctx, SQLITE_CORRUPT);
}

/* opened_or_null(table, key, sealed): for rows without which one can go on */
static void opened_or_null(sqlite3_context *ctx, int count, sqlite3_value **v)
{
	struct str blob;

	(void)count;
	if (open_sealed(v, &blob))
		sqlite3_result_blob64(ctx, blob.p, blob.n, SQLITE_TRANSIENT);
}

/* seen_content(alias, value, content), seen_last(alias, last): of rows that an older version wrote */
static void seen_content(sqlite3_context *ctx, int count, sqlite3_value **v)
{
	(void)count;
	sqlite3_result_int64(
	    ctx, state_seen_content(value_u64(v[0]), value_u64(v[1]), (uint32_t)value_u64(v[2])));
}

static void seen_last(sqlite3_context *ctx, int count, sqlite3_value **v)
{
	(void)count;
	sqlite3_result_int64(ctx, state_seen_last(value_u64(v[0]), (uint32_t)value_u64(v[1])));
}

bool state_sums_register(struct state *s, struct err *e)
{
	static const struct {
		const char *name;
		int arguments;
		void (*function)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = {
		{ "sealed", 3, sealed },
		{ "opened", 3, opened },
		{ "opened_or_null", 3, opened_or_null },
		{ "seen_content", 3, seen_content },
		{ "seen_last", 2, seen_last },
	};

	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		if (sqlite3_create_function_v2(s->db, functions[i].name, functions[i].arguments,
		        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, functions[i].function,
		        NULL, NULL, NULL) != SQLITE_OK)
			return state_failed(s, "preparing", e);
	}
	return true;
}

static bool seen_rows_fit(struct state *s, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_SEEN_EACH);
	bool row = true, fits = true;

	while (row && fits) {
		uint64_t alias;

		if (!state_step(s, STATE_SEEN_EACH, &row, "check", e))
			return false;
		if (!row)
			break;
		alias = state_column_u64(q, 0);
		fits = sqlite3_column_int64(q, 2) == state_seen_content(alias, state_column_u64(q, 1),
		                                         (uint32_t)state_column_u64(q, 2)) &&
		       sqlite3_column_int64(q, 3) == state_seen_last(alias, (uint32_t)state_column_u64(q, 3));
	}
	sqlite3_reset(q);
	return fits || err_set(e, ERR_PARSE, 0, "state: the file is damaged (a row is not what was written)");
}

bool state_sums_fit(struct state *s, struct err *e)
{
	bool row, ok;

	state_statement(s, STATE_CHECK);
	ok = state_step(s, STATE_CHECK, &row, "check", e);
	state_statement(s, STATE_CHECK); /* its one row holds a lock until then */
	return ok && seen_rows_fit(s, e);
}
