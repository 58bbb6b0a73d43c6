/* texts: telling JSON Lines from plain text, and walking them. */
#include "daemon/ctl/texts.h"

#include "daemon/ctl/input.h"
#include "daemon/ctl/member.h"

#define PLAIN_MAX ((size_t)64 << 20) /* bytes of a plain text; the classifier looks at the first MiB */

static struct str first_of(const json_t *object, const char *const *names, size_t count)
{
	struct str s = { NULL, 0 };
	for (size_t i = 0; i < count && !s.p; i++)
		s = member(object, names[i]);
	return s;
}

/* Records of ours are taken too: their names differ. */
static const char *const text_names[] = { "text", "content_text", "summary" };
static const char *const language_names[] = { "lang", "language" };

static bool give_object(const struct input *in, struct str line, const struct ctl_args *args,
    texts_each_f *each, void *ctx, struct err *e)
{
	json_error_t why;
	json_t *object = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
	if (!json_is_object(object)) {
		json_decref(object);
		return err_set(e, ERR_PARSE, 0, "%s:%llu: no JSON object%s%s", in->name,
		    (unsigned long long)in->number, why.text[0] ? ": " : "", why.text);
	}
	struct str language = first_of(object, language_names, ARRAY_LEN(language_names));
	struct str text = first_of(object, text_names, ARRAY_LEN(text_names));
	struct text t = {
		.file = in->name,
		.line = in->number,
		.id = member(object, "id"),
		.title = member(object, "title"),
		.text = text,
		.language = args->language ? args->language : language.p,
		.record = object,
	};
	if (text.p && text.p == member(object, "content_text").p) {
		t.text = member_text(object);
		t.left_out = text.n - t.text.n;
	}
	bool good = each(ctx, &t, e);
	json_decref(object);
	return good;
}

static bool walk_objects(struct input *in, struct str line, const struct ctl_args *args, texts_each_f *each,
    void *ctx, struct err *e)
{
	do {
		if (str_trim(line).n > 0 && !give_object(in, line, args, each, ctx, e))
			return false;
	} while (input_line(in, &line, e));
	return e->kind == ERR_NONE;
}

/* A line is a text: its labels, a tab, its words. */
static bool walk_labelled(struct input *in, struct str line, const struct ctl_args *args, texts_each_f *each,
    void *ctx, struct err *e)
{
	do {
		if (str_trim(line).n == 0)
			continue;
		struct str words = line, labels = str_cut(&words, '\t');
		if (labels.n == line.n)
			return err_set(e, ERR_PARSE, 0, "%s:%llu: neither JSON nor \"label<TAB>text\"",
			    in->name, (unsigned long long)in->number);
		struct text t = { .file = in->name,
			.line = in->number,
			.title = STR(""),
			.text = words,
			.language = args->language,
			.labels = labels.n > 0 ? labels : STR("none") };
		if (!each(ctx, &t, e))
			return false;
	} while (input_line(in, &line, e));
	return e->kind == ERR_NONE;
}

static bool walk_plain(struct input *in, struct str line, const struct ctl_args *args, texts_each_f *each,
    void *ctx, struct err *e)
{
	struct buf text;
	struct text t = {
		.file = in->name, .line = in->number, .id = str_from(in->name), .language = args->language
	};
	buf_init(&text, PLAIN_MAX);
	do {
		buf_str(&text, line);
		buf_byte(&text, '\n');
	} while (input_line(in, &line, e));
	t.text = buf_view(&text);
	if (args->title)
		t.title = str_from(args->title);
	else
		t.title = str_cut(&t.text, '\n');
	bool good = e->kind == ERR_NONE;
	if (text.failed)
		good = err_set(e, ERR_LIMIT, 0, "%s: more than %zu bytes", in->name, PLAIN_MAX);
	good = good && each(ctx, &t, e);
	buf_fini(&text);
	return good;
}

bool texts_walk(const char *name, const struct ctl_args *args, texts_each_f *each, void *ctx, struct err *e)
{
	struct input in;
	struct str line = { NULL, 0 };
	if (!input_open(name, &in, e))
		return false;
	bool more;
	while ((more = input_line(&in, &line, e)) && str_trim(line).n == 0)
		continue;
	bool good = e->kind == ERR_NONE;
	if (more && str_starts(str_trim(line), STR("{")))
		good = walk_objects(&in, line, args, each, ctx, e);
	else if (more && args->labelled)
		good = walk_labelled(&in, line, args, each, ctx, e);
	else if (good && (more || args->title))
		good = walk_plain(&in, line, args, each, ctx, e);
	input_close(&in);
	return good;
}
