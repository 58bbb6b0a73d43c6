/* value_alert: types of value that only alerts have: rates, spans of the day, zones of time. Both directions. */
#include "daemon/conf/value_priv.h"

#include "daemon/base/zone.h"
#include "daemon/conf/units_priv.h"

#define ZONES "/usr/share/zoneinfo/"
#define ZONE_NAME_MAX 64 /* bytes; the longest has 32 */
#define DAY_MINUTES (24 * 60)
#define PER_MAX (INT64_C(366) * 86400000) /* ms; of a rate */

static void *field_of(const struct conf_entry *en)
{
	return (char *)en->base + en->key->offset;
}

/* "20/1h"; 0: none. */
bool conf_parse_rate(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	struct conf_rate rate = { 0, 0 };
	struct str per = text;
	struct str count = str_cut(&per, '/');
	unsigned long long n;
	bool good = str_to_u64(count, &n) && n <= (unsigned long long)en->key->max;
	if (good && n == 0 && !per.p) {
		memcpy(field_of(en), &rate, sizeof(rate));
		return true;
	}
	good = good && n > 0 && per.p && conf_parse_duration(per, &rate.per) && rate.per >= 1000 &&
	       rate.per <= PER_MAX;
	if (!good)
		return conf_wrong(en,
		    "expected so many in so long, such as 20/1h (1 to %lld in 1s to 366d), or 0, got \"%s\"",
		    (long long)en->key->max, conf_shown(text, shown));
	rate.count = (int64_t)n;
	memcpy(field_of(en), &rate, sizeof(rate));
	return true;
}

void conf_print_rate(const struct conf_key *k, const void *base, struct buf *out)
{
	struct conf_rate rate;
	memcpy(&rate, (const char *)base + k->offset, sizeof(rate));
	buf_fmt(out, "%lld", (long long)rate.count);
	if (rate.count == 0)
		return;
	buf_byte(out, '/');
	conf_print_duration(rate.per, out);
}

/* "07:30", or "24:00" where a span may end. */
static bool minute_of_day(struct str s, int *out)
{
	unsigned long long hour, minute;
	if (s.n != 5 || s.p[2] != ':' || !str_to_u64(str_of(s.p, 2), &hour) ||
	    !str_to_u64(str_of(s.p + 3, 2), &minute) || minute > 59 || hour * 60 + minute > DAY_MINUTES)
		return false;
	*out = (int)(hour * 60 + minute) % DAY_MINUTES;
	return true;
}

bool conf_parse_span(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	struct conf_quiet span;
	struct str to = text;
	struct str from = str_cut(&to, '-');
	if (!minute_of_day(str_trim(from), &span.from) || !to.p || !minute_of_day(str_trim(to), &span.to))
		return conf_wrong(
		    en, "expected hours such as \"22:00-07:00\", got \"%s\"", conf_shown(text, shown));
	if (span.from == span.to)
		return conf_wrong(en, "\"%s\" would be always: use enabled: false", conf_shown(text, shown));
	memcpy(field_of(en), &span, sizeof(span));
	return true;
}

void conf_print_span(const struct conf_key *k, const void *base, struct buf *out)
{
	struct conf_quiet span;
	memcpy(&span, (const char *)base + k->offset, sizeof(span));
	if (span.from != span.to)
		buf_fmt(out, "\"%02d:%02d-%02d:%02d\"", span.from / 60, span.from % 60, span.to / 60,
		    span.to % 60);
}

/* Names of files below one folder, and nothing that leads out of it. */
static bool zone_name_is_good(struct str name)
{
	if (name.n == 0 || name.n > ZONE_NAME_MAX || !conf_is_letter(name.p[0]))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (!conf_is_letter(c) && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '+' &&
		    c != '/')
			return false;
	}
	return true;
}

static bool zone_by_name(const struct conf_entry *en, struct str name, const struct zone **out)
{
	char shown[CONF_SHOWN_MAX];
	struct buf file;
	struct err e = { 0 };
	const char *path = conf_path_join(en->l, ZONES, name);
	if (!path || !zone_name_is_good(name) || !fs_read_file(en->l->fs, path, ZONE_FILE_MAX, &file, &e))
		return conf_wrong(en, "there is no time zone \"%s\" in " ZONES " (package tzdata)",
		    conf_shown(name, shown));
	bool good = zone_from_file(buf_view(&file), en->l->arena, out, &e);
	buf_fini(&file);
	return good || conf_wrong(en, "%s %s", path, e.text);
}

/* +08:00, a rule as in TZ, or a name. */
bool conf_parse_zone_name(const struct conf_entry *en, struct str text)
{
	struct conf_zone zone = { NULL, NULL };
	struct err e = { 0 };
	int east;
	bool good = true;
	if (!conf_text_check(en, text))
		return false;
	if (str_find_byte(text, ',', 0) != SIZE_MAX)
		good = zone_from_rule(text, en->l->arena, &zone.zone, &e) || conf_wrong(en, "%s", e.text);
	else if (conf_zone_offset(text, &east))
		good = zone_fixed(east * 60, en->l->arena, &zone.zone, &e) || conf_wrong(en, "%s", e.text);
	else
		good = zone_by_name(en, text, &zone.zone);
	zone.name = good ? arena_cstr(en->l->arena, text) : NULL;
	if (zone.name)
		memcpy(field_of(en), &zone, sizeof(zone));
	return zone.name != NULL;
}

void conf_print_zone_name(const struct conf_key *k, const void *base, struct buf *out)
{
	struct conf_zone zone;
	memcpy(&zone, (const char *)base + k->offset, sizeof(zone));
	if (zone.name)
		conf_quote(str_from(zone.name), out);
}
