/* members: the rows as a schema, and as a manual page. */
#include "daemon/ctl/members.h"

#include "daemon/base/attr.h"
#include "daemon/base/json.h"

#define ROFF_WIDTH 72 /* columns of a line of mdoc source */

static const struct {
	const char *name; /* for people */
	const char *type; /* of JSON; NULL: its choices say it */
	const char *pattern;
} types[MEMBER_TYPES] = {
	[MEMBER_COUNT] = { "number", "integer", NULL },
	[MEMBER_SCORE] = { "0 to 1", "number", NULL },
	[MEMBER_NUMBER] = { "number", "number", NULL },
	[MEMBER_FLAG] = { "true, or absent", "boolean", NULL },
	[MEMBER_TEXT] = { "text", "string", NULL },
	[MEMBER_TIME] = { "time", "string",
	    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{3})?Z$" },
	[MEMBER_KEY] = { "32 hex digits", "string", "^[0-9a-f]{32}$" },
	[MEMBER_HASH] = { "64 hex digits", "string", "^[0-9a-f]{64}$" },
	[MEMBER_CHOICE] = { "one of these", NULL, NULL },
	[MEMBER_CHOICES] = { "list", "array", NULL },
	[MEMBER_TEXTS] = { "list of texts", "array", NULL },
	[MEMBER_COUNTS] = { "list of numbers", "array", NULL },
	[MEMBER_OBJECT] = { "object", "object", NULL },
	[MEMBER_OBJECTS] = { "list", "array", NULL },
};

static void write_members(struct json *w, const struct members *m);

static void write_choices(struct json *w, const char *choices)
{
	struct str rest = str_from(choices);
	json_key(w, "enum");
	json_open_array(w);
	while (rest.p)
		json_str(w, str_cut(&rest, '|'));
	json_close_array(w);
}

static void write_items(struct json *w, const struct member_row *r)
{
	json_key(w, "items");
	json_open_object(w);
	if (r->type == MEMBER_OBJECTS)
		write_members(w, r->of);
	else if (r->choices)
		write_choices(w, r->choices);
	else
		json_key_string(w, "type", r->type == MEMBER_COUNTS ? STR("integer") : STR("string"));
	json_close_object(w);
}

static bool is_list(enum member_type type)
{
	return type == MEMBER_CHOICES || type == MEMBER_TEXTS || type == MEMBER_COUNTS ||
	       type == MEMBER_OBJECTS;
}

static void write_row(struct json *w, const struct member_row *r)
{
	json_key(w, r->name);
	json_open_object(w);
	json_key_string(w, "description", str_from(r->text));
	json_key_string_opt(w, "type", str_from(types[r->type].type));
	json_key_string_opt(w, "pattern", str_from(types[r->type].pattern));
	if (r->type == MEMBER_COUNT || r->type == MEMBER_SCORE)
		json_key_int(w, "minimum", 0);
	if (r->type == MEMBER_SCORE)
		json_key_int(w, "maximum", 1);
	if (is_list(r->type))
		write_items(w, r);
	else if (r->choices)
		write_choices(w, r->choices);
	json_close_object(w);
}

static void write_members(struct json *w, const struct members *m)
{
	json_key_string(w, "type", STR("object"));
	json_key(w, "properties");
	json_open_object(w);
	for (size_t i = 0; i < m->count; i++)
		write_row(w, &m->rows[i]);
	json_close_object(w);
	json_key(w, "required");
	json_open_array(w);
	for (size_t i = 0; i < m->count; i++)
		if (m->rows[i].always)
			json_str(w, str_from(m->rows[i].name));
	json_close_array(w);
}

void members_print_schema(const struct members *m, struct buf *out)
{
	struct json w;
	json_init(&w, out);
	json_open_object(&w);
	json_key_string(&w, "$schema", STR("https://json-schema.org/draft/2020-12/schema"));
	json_key_string(&w, "title", str_from(m->title));
	write_members(&w, m);
	json_close_object(&w);
	buf_byte(out, '\n');
}

/* Words in lines; a sentence ends its line. None of them begins with a point. */
static void print_roff(const char *text, struct buf *out)
{
	size_t column = 0;
	struct str rest = str_from(text);
	while (rest.p) {
		struct str word = str_cut(&rest, ' ');
		bool ends = str_ends(word, STR("."));
		if (column > 0)
			buf_byte(out, column + word.n > ROFF_WIDTH ? '\n' : ' ');
		column = column + word.n > ROFF_WIDTH ? word.n : column + word.n + 1;
		buf_str(out, word);
		if (ends && rest.p) {
			buf_byte(out, '\n');
			column = 0;
		}
	}
	buf_byte(out, '\n');
}

static void print_note(const struct member_row *r, struct buf *out)
{
	struct str rest = str_from(r->choices);
	buf_fmt(out, ".Pq %s%s", types[r->type].name, rest.p ? ":" : "");
	if (!r->always)
		buf_str(out, STR("; may be absent"));
	buf_byte(out, '\n');
	if (!rest.p)
		return;
	while (rest.p) {
		struct str choice = str_cut(&rest, '|');
		buf_fmt(out, ".Sq %.*s\n", STR_ARG(choice));
	}
}

static void print_members(const struct members *m, struct buf *out)
{
	buf_str(out, STR(".Bl -tag -width Ds\n"));
	for (size_t i = 0; i < m->count; i++) {
		const struct member_row *r = &m->rows[i];
		buf_fmt(out, ".It Sy %s\n", r->name);
		print_roff(r->text, out);
		print_note(r, out);
		if (r->of && r->of->count > 0)
			print_members(r->of, out);
	}
	buf_str(out, STR(".El\n"));
}

void members_print_mdoc(struct buf *out)
{
	for (size_t i = 0; i < members_store_count; i++) {
		buf_fmt(out, ".Ss %s\n", members_of_stores[i].name);
		print_roff(members_of_stores[i].title, out);
		print_members(&members_of_stores[i], out);
	}
}
