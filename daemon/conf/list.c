/* list: values that are lists of single values. One value alone is taken as a list of one, except for commands. */
#include "daemon/conf/value_priv.h"

/* Each appends one fixed-size thing to the loader's scratch, or complains. */
typedef bool item_f(const struct conf_entry *en, struct str text);

static void push_text(const struct conf_entry *en, struct str text)
{
	const char *copy = arena_cstr(en->l->arena, text);
	buf_add(&en->l->scratch, &copy, sizeof(copy));
}

static void push_reference(const struct conf_entry *en, bool is_feed, struct str text)
{
	struct conf_reference ref = { is_feed, arena_str(en->l->arena, text), en->at };
	buf_add(&en->l->references, &ref, sizeof(ref));
}

static bool take_text(const struct conf_entry *en, struct str text)
{
	if (!conf_text_check(en, text))
		return false;
	push_text(en, text);
	return true;
}

static bool take_topic(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	if (!conf_name_is_good(text))
		return conf_wrong(en, "\"%s\" is not the name of a topic", conf_shown(text, shown));
	push_text(en, text);
	push_reference(en, false, text);
	return true;
}

static bool take_feed_glob(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	if (!conf_text_check(en, text))
		return false;
	bool wild = false;
	for (size_t i = 0; i < text.n; i++)
		wild |= text.p[i] == '*' || text.p[i] == '?' || text.p[i] == '[';
	if (!wild && !conf_name_is_good(text))
		return conf_wrong(en, "\"%s\" is not the name of a feed", conf_shown(text, shown));
	push_text(en, text);
	if (!wild)
		push_reference(en, true, text);
	return true;
}

static bool take_choice(const struct conf_entry *en, struct str text)
{
	if (conf_choice_find(en, text) < 0)
		return false;
	push_text(en, text);
	return true;
}

static bool take_network(const struct conf_entry *en, struct str text)
{
	struct network network;
	struct err e = { 0 };
	if (!conf_text_check(en, text))
		return false;
	if (!network_parse(text, &network, &e))
		return conf_wrong(en, "%s", e.text);
	buf_add(&en->l->scratch, &network, sizeof(network));
	return true;
}

static bool take_pattern(const struct conf_entry *en, struct str text)
{
	if (!conf_text_check(en, text))
		return false;
	struct conf_pattern pattern = { conf_path_join(en->l, en->l->source->folder, text), en->at };
	buf_add(&en->l->patterns[en->key->files], &pattern, sizeof(pattern));
	return true;
}

/* Arguments may hold line breaks and be empty: they are not for people. */
static bool take_word(const struct conf_entry *en, struct str text)
{
	if (text.n > CONF_TEXT_MAX)
		return conf_wrong(en, "a word is longer than %u bytes", CONF_TEXT_MAX);
	if (text.n == 0 && en->l->scratch.n == 0)
		return conf_wrong(en, "the program is empty");
	push_text(en, text);
	return true;
}

static item_f *const items[CONF_TYPES] = {
	[CONF_TEXTS] = take_text,
	[CONF_CHOICES] = take_choice,
	[CONF_TOPIC_NAMES] = take_topic,
	[CONF_FEED_GLOBS] = take_feed_glob,
	[CONF_NETWORKS] = take_network,
	[CONF_PATTERNS] = take_pattern,
	[CONF_EXEC] = take_word,
};

static bool take_items(const struct conf_entry *en, struct conf_yaml *y)
{
	bool good = true;
	struct conf_node node;
	int64_t count = 0;
	for (conf_yaml_next(y, &node); node.kind != CONF_NODE_LIST_END && node.kind != CONF_NODE_END;
	     conf_yaml_next(y, &node)) {
		struct conf_entry item = *en;
		item.at = node.at;
		if (++count == en->key->max + 1)
			good = conf_wrong(&item, "more than %lld entries", (long long)en->key->max);
		if (node.kind == CONF_NODE_SCALAR && count <= en->key->max)
			good &= items[en->key->type](&item, node.text);
		else if (node.kind != CONF_NODE_SCALAR)
			good = conf_wrong(
			    &item, "expected single values in the list, got %s", conf_node_what(&node));
		conf_yaml_skip(y, &node);
	}
	return good && node.kind == CONF_NODE_LIST_END;
}

/* What was collected becomes the field. */
static bool store(const struct conf_entry *en)
{
	struct conf_loader *l = en->l;
	const struct conf_key *k = en->key;
	if (k->type == CONF_PATTERNS)
		return true;
	if (k->type == CONF_EXEC && l->scratch.n == 0)
		return conf_wrong(en, "is empty");
	if (k->type == CONF_EXEC)
		buf_add(&l->scratch, &(const char *){ NULL }, sizeof(const char *));
	size_t each = k->type == CONF_NETWORKS ? sizeof(struct network) : sizeof(const char *);
	size_t count = l->scratch.n / each;
	void *array = count > 0 ? arena_alloc(l->arena, l->scratch.n) : NULL;
	if (count > 0 && !array)
		return false;
	if (count > 0)
		memcpy(array, l->scratch.p, l->scratch.n);
	memcpy((char *)en->base + k->offset, &array, sizeof(array));
	if (k->count_offset)
		memcpy((char *)en->base + k->count_offset, &count, sizeof(count));
	return true;
}

bool conf_list_take(const struct conf_entry *en, struct conf_yaml *y, const struct conf_node *node)
{
	buf_clear(&en->l->scratch);
	if (en->key->type == CONF_PATTERNS)
		buf_clear(&en->l->patterns[en->key->files]);
	if (node->kind == CONF_NODE_LIST)
		return take_items(en, y) && store(en);
	if (node->kind == CONF_NODE_SCALAR && en->key->type != CONF_EXEC)
		return items[en->key->type](en, node->text) && store(en);
	conf_yaml_skip(y, node);
	if (en->key->type == CONF_EXEC)
		return conf_wrong(en,
		    "expected a list: [program, argument, ...]; there is no shell that would split a line");
	return conf_wrong(en, "expected a list, got %s", conf_node_what(node));
}
