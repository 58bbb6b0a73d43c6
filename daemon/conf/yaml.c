/* yaml: libyaml's events as nodes with places. All that is wrong with a file as YAML is said here. */
#include "daemon/conf/yaml_priv.h"

#include "daemon/base/utf8.h"

/* Line and column (in characters) of a byte. */
static struct conf_place place_of(const struct conf_yaml *y, size_t offset)
{
	struct conf_place at = { y->file, 1, 1 };
	for (size_t i = 0; i < offset && i < y->text.n; i++) {
		unsigned char c = (unsigned char)y->text.p[i];
		if (c == '\n') {
			at.line++;
			at.column = 1;
		} else if ((c & 0xc0) != 0x80) {
			at.column++;
		}
	}
	return at;
}

static struct conf_place place_of_mark(const struct conf_yaml *y, yaml_mark_t mark)
{
	return (struct conf_place){ y->file, (int)mark.line + 1, (int)mark.column + 1 };
}

/* libyaml's words for a stray NUL or Latin-1 are no help, so these are looked for first. */
static bool check_bytes(struct conf_yaml *y)
{
	size_t valid = utf8_valid_prefix(y->text);
	for (size_t i = 0; i < valid; i++) {
		unsigned char c = (unsigned char)y->text.p[i];
		if ((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t' || c == '\r')
			continue;
		if (c == 0)
			conf_complain(y->report, place_of(y, i), "NUL byte: this is not a text file");
		else
			conf_complain(y->report, place_of(y, i), "control character 0x%02x", c);
		return false;
	}
	if (valid == y->text.n)
		return true;
	conf_complain(
	    y->report, place_of(y, valid), "not valid UTF-8 (byte 0x%02x)", (unsigned char)y->text.p[valid]);
	return false;
}

/* The byte at a mark, to tell what libyaml stumbled over; 0 at the end. */
static char byte_at(const struct conf_yaml *y, yaml_mark_t mark)
{
	size_t i = 0;
	for (size_t line = 0; line < mark.line && i < y->text.n; i++)
		line += y->text.p[i] == '\n';
	for (size_t column = 0; column < mark.column && i < y->text.n; column++) {
		uint32_t cp;
		i += utf8_decode(str_skip(y->text, i), &cp);
	}
	return i < y->text.n ? y->text.p[i] : '\0';
}

static void complain_syntax(struct conf_yaml *y)
{
	const yaml_parser_t *p = &y->parser;
	const char *problem = p->problem ? p->problem : "cannot be read";
	if (p->error == YAML_MEMORY_ERROR)
		conf_complain(y->report, (struct conf_place){ y->file, 0, 0 }, "out of memory");
	else if (p->error == YAML_READER_ERROR)
		conf_complain(y->report, place_of(y, p->problem_offset), "not valid YAML: %s", problem);
	else if (byte_at(y, p->problem_mark) == '\t')
		conf_complain(
		    y->report, place_of_mark(y, p->problem_mark), "tab: YAML is indented with spaces");
	else if (p->context && strcmp(p->context, "while scanning an alias") == 0)
		conf_complain(y->report, place_of_mark(y, p->context_mark),
		    "a value that begins with * must stand in quotes");
	else if (p->context)
		conf_complain(y->report, place_of_mark(y, p->problem_mark),
		    "not valid YAML: %s (%s from line %zu)", problem, p->context, p->context_mark.line + 1);
	else
		conf_complain(y->report, place_of_mark(y, p->problem_mark), "not valid YAML: %s", problem);
}

static bool fail_at(struct conf_yaml *y, yaml_mark_t mark, const char *why)
{
	conf_complain(y->report, place_of_mark(y, mark), "%s", why);
	y->failed = true;
	return false;
}

static bool pull(struct conf_yaml *y)
{
	if (y->have_event)
		yaml_event_delete(&y->event);
	y->have_event = false;
	if (!yaml_parser_parse(&y->parser, &y->event)) {
		complain_syntax(y);
		y->failed = true;
		return false;
	}
	y->have_event = true;
	return true;
}

/* Behind the start of the stream: a document, or nothing. */
static bool begin_document(struct conf_yaml *y)
{
	if (!pull(y))
		return false;
	if (y->event.type != YAML_DOCUMENT_START_EVENT)
		return true;
	if (y->event.data.document_start.version_directive ||
	    y->event.data.document_start.tag_directives.start !=
	        y->event.data.document_start.tag_directives.end)
		return fail_at(y, y->event.start_mark, "YAML directives (%) are not supported");
	return true;
}

bool conf_yaml_open(struct conf_yaml *y, const char *file, struct str text, struct conf_report *r)
{
	*y = (struct conf_yaml){ .file = file, .text = text, .report = r };
	y->failed = true;
	if (str_starts(text, STR("\xef\xbb\xbf")))
		y->text = str_skip(text, 3);
	if (!check_bytes(y))
		return false;
	if (!yaml_parser_initialize(&y->parser)) {
		conf_complain(r, (struct conf_place){ file, 0, 0 }, "out of memory");
		return false;
	}
	y->open = true;
	y->failed = false;
	yaml_parser_set_encoding(&y->parser, YAML_UTF8_ENCODING);
	const char *bytes = y->text.n > 0 ? y->text.p : "";
	yaml_parser_set_input_string(&y->parser, (const unsigned char *)bytes, y->text.n);
	return pull(y) && begin_document(y);
}

void conf_yaml_close(struct conf_yaml *y)
{
	if (y->have_event)
		yaml_event_delete(&y->event);
	if (y->open)
		yaml_parser_delete(&y->parser);
	y->have_event = false;
	y->open = false;
	y->failed = true;
}

static bool refuse_marks(struct conf_yaml *y, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		return fail_at(y, y->event.start_mark,
		    "anchors (&name) are not supported: write the value where it is needed");
	if (tag)
		return fail_at(y, y->event.start_mark, "tags (!name) are not supported");
	return true;
}

static bool take_scalar(struct conf_yaml *y, struct conf_node *out)
{
	if (!refuse_marks(y, y->event.data.scalar.anchor, y->event.data.scalar.tag))
		return false;
	out->kind = CONF_NODE_SCALAR;
	out->text = str_of(y->event.data.scalar.value, y->event.data.scalar.length);
	out->plain = y->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	/* An escape may write what the bytes of a file may not hold. */
	if (memchr(out->text.p, 0, out->text.n))
		return fail_at(y, y->event.start_mark, "NUL character in a value");
	return true;
}

static bool take_start(struct conf_yaml *y, struct conf_node *out)
{
	bool map = y->event.type == YAML_MAPPING_START_EVENT;
	const yaml_char_t *anchor =
	    map ? y->event.data.mapping_start.anchor : y->event.data.sequence_start.anchor;
	const yaml_char_t *tag = map ? y->event.data.mapping_start.tag : y->event.data.sequence_start.tag;
	if (!refuse_marks(y, anchor, tag))
		return false;
	if (y->depth >= CONF_DEPTH_MAX)
		return fail_at(y, y->event.start_mark, "lists and mappings are nested too deeply");
	y->depth++;
	out->kind = map ? CONF_NODE_MAP : CONF_NODE_LIST;
	return true;
}

static bool take_end(struct conf_yaml *y, struct conf_node *out)
{
	y->depth--;
	out->kind = y->event.type == YAML_MAPPING_END_EVENT ? CONF_NODE_MAP_END : CONF_NODE_LIST_END;
	return true;
}

static bool take_alias(struct conf_yaml *y, struct conf_node *out)
{
	(void)out;
	return fail_at(
	    y, y->event.start_mark, "aliases (*name) are not supported: write the value out, or quote it");
}

/* The end of the document: only the end of the file may follow. */
static bool take_document_end(struct conf_yaml *y, struct conf_node *out)
{
	out->kind = CONF_NODE_END;
	if (!pull(y))
		return false;
	if (y->event.type != YAML_STREAM_END_EVENT)
		return fail_at(y, y->event.start_mark, "a second document (---) is not supported");
	return false;
}

typedef bool take_f(struct conf_yaml *y, struct conf_node *out);
static take_f *const takes[] = {
	[YAML_SCALAR_EVENT] = take_scalar,
	[YAML_MAPPING_START_EVENT] = take_start,
	[YAML_SEQUENCE_START_EVENT] = take_start,
	[YAML_MAPPING_END_EVENT] = take_end,
	[YAML_SEQUENCE_END_EVENT] = take_end,
	[YAML_ALIAS_EVENT] = take_alias,
	[YAML_DOCUMENT_END_EVENT] = take_document_end,
};

void conf_yaml_next(struct conf_yaml *y, struct conf_node *out)
{
	*out = (struct conf_node){ .kind = CONF_NODE_END, .at = { y->file, 0, 0 } };
	if (y->failed || (y->have_event && y->event.type == YAML_STREAM_END_EVENT) || !pull(y))
		return;
	out->at = place_of_mark(y, y->event.start_mark);
	take_f *take = (size_t)y->event.type < ARRAY_LEN(takes) ? takes[y->event.type] : NULL;
	if (!take || !take(y, out))
		out->kind = CONF_NODE_END;
}

void conf_yaml_skip(struct conf_yaml *y, const struct conf_node *first)
{
	if (first->kind != CONF_NODE_MAP && first->kind != CONF_NODE_LIST)
		return;
	int outside = y->depth - 1;
	struct conf_node n;
	do
		conf_yaml_next(y, &n);
	while (n.kind != CONF_NODE_END && y->depth > outside);
}

bool conf_node_is_null(const struct conf_node *n)
{
	if (n->kind != CONF_NODE_SCALAR || !n->plain)
		return false;
	return n->text.n == 0 || str_eq(n->text, STR("~")) || str_eq(n->text, STR("null"));
}

const char *conf_node_what(const struct conf_node *n)
{
	static const char *const whats[] = {
		[CONF_NODE_END] = "the end of the file",
		[CONF_NODE_SCALAR] = "a single value",
		[CONF_NODE_MAP] = "a mapping",
		[CONF_NODE_LIST] = "a list",
	};
	return n->kind < ARRAY_LEN(whats) && whats[n->kind] ? whats[n->kind] : "something else";
}
