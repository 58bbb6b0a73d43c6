/*
 * changes: every entry becomes two hashes, of its name and of all its settings as the dump prints them; both lists are put in order and walked together.
 */
#include "daemon/conf/changes.h"

#include "daemon/base/attr.h"
#include "daemon/base/hash.h"
#include "daemon/conf/print_priv.h"

#include <stdlib.h>

#define ENTRY_MAX (1u << 20) /* bytes of one entry as it is printed */
#define SETTINGS_MAX (4u << 20)

const char *const conf_changed_names[CONF_CHANGED_KINDS] = { "feed", "topic", "alert" };

struct entry {
	uint64_t name, settings;
};

/* Of entry i; false: it does not count. */
typedef bool entry_f(const struct conf *c, size_t i, struct buf *text, struct entry *out);

static bool feed_entry(const struct conf *c, size_t i, struct buf *text, struct entry *out)
{
	const struct conf_feed *f = &c->feeds[i];
	conf_print_feed(f, "", "", text);
	out->name = hash64(str_from(f->name), 0);
	return f->enabled;
}

static bool topic_entry(const struct conf *c, size_t i, struct buf *text, struct entry *out)
{
	buf_str(text, c->topics[i].yaml);
	out->name = hash64(str_from(c->topics[i].file), 0);
	return true;
}

static bool alert_entry(const struct conf *c, size_t i, struct buf *text, struct entry *out)
{
	conf_print_alert(&c->alerts[i], text);
	out->name = hash64(str_from(c->alerts[i].name), 0);
	return true;
}

static size_t feed_count(const struct conf *c)
{
	return c->feed_count;
}

static size_t topic_count(const struct conf *c)
{
	return c->topic_count;
}

static size_t alert_count(const struct conf *c)
{
	return c->alert_count;
}

static const struct {
	size_t (*count)(const struct conf *c);
	entry_f *entry;
} kinds[CONF_CHANGED_KINDS] = {
	[CONF_CHANGED_FEEDS] = { feed_count, feed_entry },
	[CONF_CHANGED_TOPICS] = { topic_count, topic_entry },
	[CONF_CHANGED_ALERTS] = { alert_count, alert_entry },
};

static int by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	return x->name < y->name ? -1 : x->name > y->name;
}

/* *count of them, in order; free() the array. NULL: memory. */
static struct entry *entries_of(const struct conf *c, enum conf_changed kind, size_t *count)
{
	size_t all = kinds[kind].count(c);
	struct entry *list = calloc(all + 1, sizeof(*list));
	struct buf text;
	*count = 0;
	buf_init(&text, ENTRY_MAX);
	for (size_t i = 0; list && i < all; i++) {
		buf_clear(&text);
		if (!kinds[kind].entry(c, i, &text, &list[*count]))
			continue;
		list[(*count)++].settings = hash64(buf_view(&text), 0);
	}
	if (text.failed) {
		free(list);
		list = NULL;
	}
	buf_fini(&text);
	if (list)
		qsort(list, *count, sizeof(*list), by_name);
	return list;
}

static void walk(
    const struct entry *a, size_t a_count, const struct entry *b, size_t b_count, struct conf_change *out)
{
	size_t i = 0, k = 0;
	while (i < a_count || k < b_count) {
		if (k == b_count || (i < a_count && a[i].name < b[k].name)) {
			out->removed++;
			i++;
		} else if (i == a_count || b[k].name < a[i].name) {
			out->added++;
			k++;
		} else {
			out->changed += a[i++].settings != b[k++].settings;
		}
	}
}

static bool compare_kind(
    const struct conf *old, const struct conf *new, enum conf_changed kind, struct conf_change *out)
{
	size_t a_count, b_count;
	struct entry *a = entries_of(old, kind, &a_count), *b = entries_of(new, kind, &b_count);
	bool ok = a && b;
	*out = (struct conf_change){ 0 };
	if (ok)
		walk(a, a_count, b, b_count, out);
	free(a);
	free(b);
	return ok;
}

static void print_plain(const struct conf *c, struct buf *out)
{
	for (const struct conf_section *const *s = conf_plain_sections; *s; s++)
		conf_print_settings(*s, (const char *)c + (*s)->base, "", "", out);
}

static bool compare_settings(const struct conf *old, const struct conf *new, bool *differ)
{
	struct buf a, b;
	bool ok;
	buf_init(&a, SETTINGS_MAX);
	buf_init(&b, SETTINGS_MAX);
	print_plain(old, &a);
	print_plain(new, &b);
	ok = !a.failed && !b.failed;
	*differ = !str_eq(buf_view(&a), buf_view(&b)) || !str_eq(old->model_bytes, new->model_bytes);
	buf_fini(&a);
	buf_fini(&b);
	return ok;
}

bool conf_compare(const struct conf *old, const struct conf *new, struct conf_changes *out, struct err *e)
{
	bool ok = compare_settings(old, new, &out->settings);
	for (int kind = 0; kind < CONF_CHANGED_KINDS; kind++)
		ok = compare_kind(old, new, (enum conf_changed)kind, &out->of[kind]) && ok;
	return ok || err_nomem(e);
}

static void tell(uint64_t n, char sign, const char *name, struct buf *out)
{
	if (n)
		buf_fmt(out, "%s%c%llu %s%s", out->n ? ", " : "", sign, (unsigned long long)n, name,
		    n > 1 ? "s" : "");
}

void conf_changes_tell(const struct conf_changes *c, struct buf *out)
{
	for (int kind = 0; kind < CONF_CHANGED_KINDS; kind++) {
		tell(c->of[kind].added, '+', conf_changed_names[kind], out);
		tell(c->of[kind].removed, '-', conf_changed_names[kind], out);
		tell(c->of[kind].changed, '~', conf_changed_names[kind], out);
	}
	if (c->settings)
		buf_str(out, out->n ? STR(", other settings") : STR("other settings"));
	if (out->n == 0)
		buf_str(out, STR("nothing changed"));
}
