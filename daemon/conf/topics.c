/* topics: topic files as bytes. Only the name is looked for, so that two files cannot claim one and alerts can be checked. */
#include "daemon/conf/load_priv.h"

#ifndef GAZETTED_TOPICS_DIR
#define GAZETTED_TOPICS_DIR "/usr/local/share/gazetted/topics"
#endif
#define SHIPPED_MODEL GAZETTED_TOPICS_DIR "/topics.model"

struct named {
	const struct conf_topic_more *topics;
	struct str name;
};

static bool same_name(const void *ctx, uint32_t item)
{
	const struct named *n = ctx;
	return str_eq(n->name, n->topics[item].name);
}

static const struct conf_topic_more *topics_of(const struct conf_loader *l)
{
	return (const struct conf_topic_more *)(const void *)l->topics.p;
}

static void ignore(void *ctx, const struct conf_error *error)
{
	(void)ctx;
	(void)error;
}

/* The value of `topic:` at the top. What is wrong with the rest is for the classifier to say. */
static bool find_name(struct conf_loader *l, const char *path, struct str text, struct conf_node *name)
{
	struct conf_report silent = { ignore, NULL, 0 };
	struct conf_yaml y;
	struct conf_node key;
	bool found = false;
	if (!conf_yaml_open(&y, path, text, &silent))
		goto out;
	conf_yaml_next(&y, &key);
	if (key.kind != CONF_NODE_MAP)
		goto out;
	for (conf_yaml_next(&y, &key); !found && key.kind == CONF_NODE_SCALAR; conf_yaml_next(&y, &key)) {
		bool is_name = str_eq(key.text, STR("topic"));
		conf_yaml_next(&y, name);
		found = is_name && name->kind == CONF_NODE_SCALAR;
		if (found)
			name->text = arena_str(l->arena, name->text);
		conf_yaml_skip(&y, name);
		if (found)
			break;
	}
out:
	conf_yaml_close(&y);
	return found;
}

static const struct conf_topic *find_topic(const struct conf_loader *l, struct str name)
{
	uint32_t item;
	struct named asked = { topics_of(l), name };
	if (l->topics.failed)
		return NULL;
	bool found = conf_index_find(&l->topic_names, conf_name_hash(name), same_name, &asked, &item);
	return found ? &topics_of(l)[item].topic : NULL;
}

bool conf_topic_known(const struct conf_loader *l, struct str name)
{
	return find_topic(l, name) != NULL;
}

static void add(struct conf_loader *l, const char *path, struct str text, const struct conf_node *name)
{
	uint32_t n = (uint32_t)(l->topics.n / sizeof(struct conf_topic_more));
	if (n >= CONF_TOPICS_MAX) {
		conf_complain(
		    &l->report, (struct conf_place){ path, 0, 0 }, "more than %u topics", CONF_TOPICS_MAX);
		return;
	}
	struct conf_topic_more more = { { path, arena_str(l->arena, text) }, name->text };
	buf_add(&l->topics, &more, sizeof(more));
	if (name->text.p && !conf_index_add(&l->topic_names, conf_name_hash(name->text), n))
		conf_complain(&l->report, name->at, "out of memory");
}

void conf_topic_take(struct conf_loader *l, const char *path, struct str text)
{
	struct conf_node name = { 0 };
	if (!find_name(l, path, text, &name)) {
		name.text = (struct str){ NULL, 0 };
		l->topics_broken = true;
	}
	const struct conf_topic *other = name.text.p ? find_topic(l, name.text) : NULL;
	if (other)
		conf_complain(&l->report, name.at, "the topic \"%.*s\" is already defined in %s",
		    STR_ARG(name.text), other->file);
	else
		add(l, path, text, &name);
}

void conf_shipped_topic_take(struct conf_loader *l, const char *path, struct str text)
{
	struct conf_node name = { 0 };
	if (find_name(l, path, text, &name) && !find_topic(l, name.text))
		add(l, path, text, &name);
}

void conf_model_take(struct conf_loader *l)
{
	struct fs_stat st;
	struct buf bytes;
	const char *path = l->conf->model;
	if (l->report.count > 0)
		return;
	if (!path && l->conf->shipped_topics && l->fs->stat(l->fs, SHIPPED_MODEL, &st) == 0)
		path = SHIPPED_MODEL;
	if (!path || !conf_file_read(l, path, CONF_MODEL_MAX, (struct conf_place){ path, 0, 0 }, &bytes))
		return;
	l->conf->model_file = path;
	char *copy = arena_alloc(l->arena, bytes.n); /* not as text: it is read where it lies */
	if (copy)
		l->conf->model_bytes = str_of(memcpy(copy, bytes.p, bytes.n), bytes.n);
	buf_fini(&bytes);
}
