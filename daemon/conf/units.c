/* units: durations and sizes as people write them, and back. Pure functions. */
#include "daemon/conf/units_priv.h"

struct unit {
	const char *name;
	int64_t worth;
};

/* Largest first: printing takes the first that divides. */
static const struct unit durations[] = {
	{ "d", INT64_C(86400000) },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
};

/* Those that are printed first; the others are read only. */
static const struct unit sizes[] = {
	{ "TiB", INT64_C(1) << 40 },
	{ "GiB", INT64_C(1) << 30 },
	{ "MiB", INT64_C(1) << 20 },
	{ "KiB", INT64_C(1) << 10 },
	{ "B", 1 },
	{ "TB", INT64_C(1000000000000) },
	{ "GB", 1000000000 },
	{ "MB", 1000000 },
	{ "kB", 1000 },
	{ "KB", 1000 },
	{ "", 1 },
};
#define SIZES_PRINTED 5

/* Takes digits off the front. */
static bool take_number(struct str *s, int64_t *out)
{
	size_t n = 0;
	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	unsigned long long v;
	if (n == 0 || !str_to_u64(str_of(s->p, n), &v) || v > INT64_MAX)
		return false;
	*s = str_skip(*s, n);
	*out = (int64_t)v;
	return true;
}

static const struct unit *unit_named(const struct unit *units, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(name, str_from(units[i].name)))
			return &units[i];
	return NULL;
}

/* "90s", or parts from large to small: "1h30m". */
bool conf_parse_duration(struct str text, int64_t *ms)
{
	int64_t sum = 0;
	const struct unit *last = NULL;
	if (str_eq(text, STR("0"))) {
		*ms = 0;
		return true;
	}
	do {
		int64_t v;
		if (!take_number(&text, &v))
			return false;
		size_t n = 0;
		while (n < text.n && text.p[n] >= 'a' && text.p[n] <= 'z')
			n++;
		const struct unit *u = unit_named(durations, ARRAY_LEN(durations), str_of(text.p, n));
		if (!u || (last && u->worth >= last->worth))
			return false;
		if (__builtin_mul_overflow(v, u->worth, &v) || __builtin_add_overflow(sum, v, &sum))
			return false;
		text = str_skip(text, n);
		last = u;
	} while (text.n > 0);
	*ms = sum;
	return true;
}

bool conf_parse_size(struct str text, int64_t *bytes)
{
	int64_t v;
	if (!take_number(&text, &v))
		return false;
	const struct unit *u = unit_named(sizes, ARRAY_LEN(sizes), text);
	if (!u || __builtin_mul_overflow(v, u->worth, &v))
		return false;
	*bytes = v;
	return true;
}

static void print(const struct unit *units, size_t count, int64_t v, struct buf *out)
{
	size_t i = 0;
	while (i + 1 < count && v % units[i].worth != 0)
		i++;
	buf_fmt(out, "%lld%s", (long long)(v / units[i].worth), units[i].name);
}

void conf_print_duration(int64_t ms, struct buf *out)
{
	if (ms == 0)
		buf_byte(out, '0');
	else
		print(durations, ARRAY_LEN(durations), ms, out);
}

void conf_print_size(int64_t bytes, struct buf *out)
{
	if (bytes == 0)
		buf_byte(out, '0');
	else
		print(sizes, SIZES_PRINTED, bytes, out);
}
