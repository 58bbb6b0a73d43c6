/*
 * host_rule: the list of rules for hosts. They are kept in the order of their names, so that a host finds its rule by trying its own name and then the
 * domains above it, each in a binary search: there may be a hundred thousand hosts.
 */
#include "daemon/conf/host_rule.h"

#include "daemon/base/url.h"
#include "daemon/conf/map_priv.h"
#include "daemon/conf/value_priv.h"

#include <stdlib.h>

struct draft { /* `rule` is first */
	struct conf_host_rule rule;
	bool has_per_host, has_gap;
};

struct reach { /* what a rule covers, or is looked for by */
	struct str name;
	bool below; /* the names below it */
};

static struct reach reach_of(struct str host)
{
	bool below = str_starts(host, STR("*."));
	return (struct reach){ below ? str_skip(host, 2) : host, below };
}

static int compare(const struct reach *a, const struct reach *b)
{
	int order = str_cmp(a->name, b->name);
	return order != 0 ? order : a->below - b->below;
}

/* Where the port of a host key begins, or its end: colons inside of brackets are an address's. */
static size_t port_at(struct str host)
{
	size_t n = host.n;
	while (n > 0 && host.p[n - 1] >= '0' && host.p[n - 1] <= '9')
		n--;
	bool port = n > 0 && n < host.n && host.p[n - 1] == ':';
	return port ? n - 1 : host.n;
}

/* The next less exact reach around this one: without its port, then below each domain above it. */
static bool widen(struct reach *r)
{
	size_t name_end = port_at(r->name);
	if (name_end < r->name.n) {
		r->name.n = name_end;
		return true;
	}
	(void)str_cut(&r->name, '.');
	r->below = true;
	return r->name.p && r->name.n > 0;
}

static const struct conf_host_rule *find(
    const void *rules, size_t count, size_t size, const struct reach *want)
{
	size_t low = 0;
	size_t high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct conf_host_rule *rule =
		    (const struct conf_host_rule *)(const void *)((const char *)rules + middle * size);
		struct reach reach = reach_of(str_from(rule->host));
		int order = compare(want, &reach);
		if (order == 0)
			return rule;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct conf_host_rule *conf_host_rule_for(
    const struct conf_host_rule *rules, size_t count, struct str host)
{
	struct reach want = { host, false };
	const struct conf_host_rule *rule = NULL;
	if (count == 0)
		return NULL;
	do
		rule = find(rules, count, sizeof(*rules), &want);
	while (!rule && widen(&want));
	return rule;
}

#define HOST_KEY_MAX ((size_t)URL_MAX) /* bytes; a key is no longer than its address */

int64_t conf_host_gap(const struct conf_hosts *hosts, struct str url)
{
	struct buf key;
	buf_init(&key, HOST_KEY_MAX);
	const struct conf_host_rule *rule =
	    url_host_key(url, &key) ? conf_host_rule_for(hosts->rules, hosts->rule_count, buf_view(&key))
	                            : NULL;
	buf_fini(&key);
	return rule ? rule->gap : hosts->gap;
}

static struct draft *drafts_of(const struct conf_loader *l)
{
	return (struct draft *)(void *)l->host_rules.p;
}

static size_t draft_count(const struct conf_loader *l)
{
	return l->host_rules.failed ? 0 : l->host_rules.n / sizeof(struct draft);
}

static bool is_new(struct conf_loader *l, const struct draft *d, struct conf_place at)
{
	for (size_t i = 0; i < draft_count(l); i++)
		if (strcmp(drafts_of(l)[i].rule.host, d->rule.host) == 0) {
			conf_complain(
			    &l->report, at, "hosts.rules: there are two rules for %s", d->rule.host);
			return false;
		}
	return true;
}

static void take_rule(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *start)
{
	struct draft draft = { .rule.host = NULL };
	struct conf_map m;
	conf_map_init(&m, &conf_host_rule_section, &draft.rule);
	conf_map_take(l, y, &m);
	if (!conf_map_required(l, &m, start->at, "a rule of hosts.rules") || m.wrong)
		return;
	draft.has_per_host = conf_map_has(&m, "per_host");
	draft.has_gap = conf_map_has(&m, "gap");
	if (!draft.has_per_host && !draft.has_gap)
		conf_complain(&l->report, start->at,
		    "hosts.rules: the rule for %s says nothing: gap or per_host is missing", draft.rule.host);
	else if (draft_count(l) == CONF_HOST_RULES_MAX)
		conf_complain(&l->report, start->at, "hosts.rules: more than %u rules", CONF_HOST_RULES_MAX);
	else if (is_new(l, &draft, conf_map_place(&m, "host")))
		buf_add(&l->host_rules, &draft, sizeof(draft));
}

void conf_host_rules_take(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *node)
{
	static const struct conf_entries list = { "hosts.rules", "host", "a rule", take_rule };
	conf_entries_take(l, y, node, &list);
}

static int by_reach(const void *a, const void *b)
{
	struct reach x = reach_of(str_from(((const struct draft *)a)->rule.host));
	struct reach y = reach_of(str_from(((const struct draft *)b)->rule.host));
	return compare(&x, &y);
}

/* What the rule does not say itself. */
static void fill_in(const struct conf_loader *l, const struct draft *d, struct conf_host_rule *out)
{
	struct reach around = reach_of(str_from(d->rule.host));
	bool has_per_host = d->has_per_host;
	bool has_gap = d->has_gap;
	*out = d->rule;
	while (widen(&around)) {
		const struct draft *wider = (const struct draft *)(const void *)find(
		    drafts_of(l), draft_count(l), sizeof(*wider), &around);
		if (wider && wider->has_per_host && !has_per_host)
			out->per_host = wider->rule.per_host;
		if (wider && wider->has_gap && !has_gap)
			out->gap = wider->rule.gap;
		has_per_host |= wider && wider->has_per_host;
		has_gap |= wider && wider->has_gap;
	}
	if (!has_per_host)
		out->per_host = l->conf->hosts.per_host;
	if (!has_gap)
		out->gap = l->conf->hosts.gap;
}

void conf_host_rules_keep(struct conf_loader *l)
{
	size_t n = draft_count(l);
	struct conf_host_rule *rules = arena_alloc(l->arena, n * sizeof(*rules));
	if (n > 0)
		qsort(drafts_of(l), n, sizeof(struct draft), by_reach);
	for (size_t i = 0; rules && i < n; i++)
		fill_in(l, &drafts_of(l)[i], &rules[i]);
	l->conf->hosts.rules = rules;
	l->conf->hosts.rule_count = rules ? n : 0;
}

/* As url_host_key would write it: http stands for any scheme, since the usual ports are refused. */
static bool write_key(struct conf_loader *l, struct str host, struct buf *out, uint16_t *port)
{
	struct url url = { 0 };
	buf_clear(&l->scratch2);
	buf_fmt(&l->scratch2, "http://%.*s/", STR_ARG(host));
	struct str text = buf_view(&l->scratch2);
	bool good =
	    url_parse(text, &url) && !url.user.p && str_eq(url.path, STR("/")) && url_host_key(text, out);
	*port = url.port;
	return good && (url.port != 0) == (port_at(host) < host.n);
}

static bool name_is_good(struct str name)
{
	struct str rest = str_of(name.p, port_at(name));
	if (rest.n > 2 && rest.p[0] == '[') {
		struct network address;
		struct err e = { 0 };
		return network_parse(str_of(rest.p + 1, rest.n - 2), &address, &e);
	}
	do {
		struct str label = str_cut(&rest, '.');
		for (size_t i = 0; i < label.n; i++)
			if (!conf_is_letter(label.p[i]) && (label.p[i] < '0' || label.p[i] > '9') &&
			    label.p[i] != '-' && label.p[i] != '_')
				return false;
		if (label.n == 0)
			return false;
	} while (rest.p);
	return true;
}

bool conf_parse_host(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	struct reach reach = reach_of(text);
	struct buf *key = &en->l->scratch;
	uint16_t port = 0;
	if (!conf_text_check(en, text))
		return false;
	buf_clear(key);
	buf_str(key, reach.below ? STR("*.") : STR(""));
	bool good = write_key(en->l, reach.name, key, &port) && name_is_good(reach.name);
	if (key->failed || en->l->scratch2.failed)
		return false; /* of memory: that is told at the end */
	const char *copy = good ? arena_cstr(en->l->arena, buf_view(key)) : NULL;
	memcpy((char *)en->base + en->key->offset, &copy, sizeof(copy));
	if (!good)
		return conf_wrong(en,
		    "expected a name such as www.example.org, www.example.org:8080 or \"*.example.org\" "
		    "(beyond ASCII: xn--), got \"%s\"",
		    conf_shown(text, shown));
	if (reach.below && port != 0)
		return conf_wrong(
		    en, "\"%s\": a rule for all names below one takes no port", conf_shown(text, shown));
	if (port == 80 || port == 443)
		return conf_wrong(
		    en, "\"%s\": a host on the usual port is written without it", conf_shown(text, shown));
	return copy != NULL;
}

void conf_print_host_rules(const struct conf_key *k, const void *base, struct buf *out)
{
	const struct conf_host_rule *rules;
	size_t count;
	memcpy(&rules, (const char *)base + k->offset, sizeof(void *));
	memcpy(&count, (const char *)base + k->count_offset, sizeof(count));
	buf_byte(out, '[');
	for (size_t i = 0; i < count; i++) {
		buf_str(out, i > 0 ? STR(", {") : STR("{"));
		size_t key_base;
		const struct conf_key *key;
		for (size_t j = 0; (key = conf_key_at(k->section, j, &key_base)); j++) {
			buf_fmt(out, "%s%s: ", j > 0 ? ", " : "", key->name);
			conf_value_type(key->type)->print(key, (const char *)&rules[i] + key_base, out);
		}
		buf_byte(out, '}');
	}
	buf_byte(out, ']');
}
