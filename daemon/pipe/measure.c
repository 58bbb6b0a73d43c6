/* measure: bounds and counting. */
#include "daemon/pipe/measure.h"

#include "daemon/base/attr.h"

static const struct {
	const char *name;
	int64_t le[MEASURE_BOUNDS]; /* ms, ascending */
} kinds[] = {
	/* `timeout` is a minute unless somebody wants another; of a script half of that. */
	[MEASURE_FETCH] = { "fetch",
	    { 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000 } },
	/* Seconds for what is polled fast, to the half day of what is asked twice a day. */
	[MEASURE_DETECTION] = { "detection", { 1000, 2000, 5000, 10000, 30000, 60000, 120000, 300000, 600000,
	                                         1800000, 3600000, 10800000, 43200000 } },
	/* A write and a sync, and a parser that may take its time. */
	[MEASURE_COMMIT] = { "commit", { 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000, 60000 } },
	[MEASURE_DELIVERY] = { "delivery",
	    { 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000 } },
};
_Static_assert(ARRAY_LEN(kinds) == MEASURES, "each measure has bounds");

void measure_add(struct measure all[MEASURES], enum measure_kind k, int64_t ms)
{
	unsigned i = 0;

	if (ms < 0)
		ms = 0;
	while (i < MEASURE_BOUNDS && ms > kinds[k].le[i])
		i++;
	all[k].at[i]++;
	all[k].sum += (uint64_t)ms;
}

static void write_one(const struct measure *m, const int64_t *le, struct json *w)
{
	json_open_object(w);
	json_key(w, "le_ms");
	json_open_array(w);
	for (unsigned i = 0; i < MEASURE_BOUNDS; i++)
		json_int(w, le[i]);
	json_close_array(w);
	json_key(w, "counts");
	json_open_array(w);
	for (unsigned i = 0; i <= MEASURE_BOUNDS; i++)
		json_u64(w, m->at[i]);
	json_close_array(w);
	json_key(w, "sum_ms");
	json_u64(w, m->sum);
	json_close_object(w);
}

void measure_write(const struct measure all[MEASURES], struct json *w)
{
	json_key(w, "histograms");
	json_open_object(w);
	for (unsigned k = 0; k < MEASURES; k++) {
		json_key(w, kinds[k].name);
		write_one(&all[k], kinds[k].le, w);
	}
	json_close_object(w);
}
