/*
 * charset: bytes -> valid UTF-8. What the bytes are decides before what the labels say: a BOM, the pattern of UTF-16 and UTF-32, valid UTF-8;
 * then the HTTP charset, then the declaration, then a guess. A label that does not fit its bytes loses to the one that fits best.
 */
#include "daemon/feed/charset_priv.h"

#include "daemon/base/utf8.h"
#include "daemon/feed/source_priv.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <uchardet.h>

#define DECLARATION_MAX 1024 /* bytes in which a declaration must stand */
#define GUESS_BYTES (32u << 10) /* bytes that the guess looks at */
#define GUESS_LETTERS_MIN 16 /* bytes above ASCII that a guess among Latin alphabets needs */
#define DECODED_MAX (256u << 20) /* bytes of text made of one body */

struct signature {
	const char *bytes;
	size_t n;
	size_t skip; /* bytes of it that are no text */
	const char *name;
};

static const struct signature signatures[] = {
	{ "\xff\xfe\0\0", 4, 4, "UTF-32LE" },
	{ "\0\0\xfe\xff", 4, 4, "UTF-32BE" },
	{ "\xff\xfe", 2, 2, "UTF-16LE" },
	{ "\xfe\xff", 2, 2, "UTF-16BE" },
	{ "<\0\0\0", 4, 0, "UTF-32LE" },
	{ "\0\0\0<", 4, 0, "UTF-32BE" },
	{ "<\0", 2, 0, "UTF-16LE" },
	{ "\0<", 2, 0, "UTF-16BE" },
	{ "\n\0", 2, 0, "UTF-16LE" },
	{ "\0\n", 2, 0, "UTF-16BE" },
	{ "{\0", 2, 0, "UTF-16LE" },
	{ "\0{", 2, 0, "UTF-16BE" },
};

/* Two bytes without a BOM are too little: a document may also begin with a NUL by mistake. The next character must be as wide. */
static bool signature_fits(const struct signature *s, struct str body)
{
	bool wide = s->skip > 0 || s->n > 2 || (body.n >= 4 && body.p[s->bytes[0] == '\0' ? 2 : 3] == '\0');
	return wide && str_starts(body, str_of(s->bytes, s->n));
}

static const struct signature *find_signature(struct str body)
{
	for (size_t i = 0; i < ARRAY_LEN(signatures); i++)
		if (signature_fits(&signatures[i], body))
			return &signatures[i];
	return NULL;
}

static const char utf8_bom[] = "\xef\xbb\xbf";

static struct str without_bom(struct str s)
{
	while (str_starts(s, str_of(utf8_bom, 3)))
		s = str_skip(s, 3);
	while (s.n > 0 && s.p[0] == '\0')
		s = str_skip(s, 1);
	return s;
}

static struct str quoted(struct str s)
{
	s = str_trim(s);
	if (s.n == 0)
		return s;
	char quote = s.p[0];
	if (quote == '"' || quote == '\'') {
		s = str_skip(s, 1);
		size_t end = str_find_byte(s, quote, 0);
		return str_of(s.p, end == SIZE_MAX ? 0 : end);
	}
	size_t n = 0;
	while (n < s.n && s.p[n] != ';' && s.p[n] != ' ' && s.p[n] != '?' && s.p[n] != ',')
		n++;
	return str_of(s.p, n);
}

static struct str label_of_header(struct str content_type)
{
	size_t at = str_find_nocase(content_type, STR("charset="), 0);
	return at == SIZE_MAX ? (struct str){ NULL, 0 } : str_trim(quoted(str_skip(content_type, at + 8)));
}

static struct str label_of_declaration(struct str body)
{
	struct str head = str_of(body.p, body.n < DECLARATION_MAX ? body.n : DECLARATION_MAX);
	size_t at = str_find(head, STR("<?xml"), 0);
	if (at == SIZE_MAX)
		return (struct str){ NULL, 0 };
	size_t end = str_find(head, STR("?>"), at);
	head = str_of(head.p, end == SIZE_MAX ? head.n : end);
	at = str_find(head, STR("encoding"), at);
	if (at == SIZE_MAX)
		return (struct str){ NULL, 0 };
	head = str_trim(str_skip(head, at + 8));
	if (head.n == 0 || head.p[0] != '=')
		return (struct str){ NULL, 0 };
	return str_trim(quoted(str_skip(head, 1)));
}

/* The declaration of an EBCDIC document, which must be read as EBCDIC first. */
static bool label_of_ebcdic(struct charset_state *state, struct str body, struct buf *scratch, char *name)
{
	static const char begin[] = "\x4c\x6f\xa7\x94";
	size_t errors;
	if (!str_starts(body, str_of(begin, 4)))
		return false;
	struct str head = str_of(body.p, body.n < DECLARATION_MAX ? body.n : DECLARATION_MAX);
	if (!charset_convert(state, "IBM037", head, scratch, &errors))
		return false;
	struct str label = label_of_declaration(buf_view(scratch));
	buf_clear(scratch);
	return charset_name(state, label.n > 0 ? label : STR("ibm037"), name);
}

/* Well-formed multi-byte sequences against broken ones. */
static void count_utf8(struct str s, size_t *good, size_t *bad)
{
	*good = *bad = 0;
	while (s.n > 0) {
		size_t valid = utf8_valid_prefix(s);
		for (size_t i = 0; i < valid; i++)
			*good += (unsigned char)s.p[i] >= 0xc2;
		s = str_skip(s, valid);
		if (s.n == 0)
			return;
		(*bad)++;
		s = str_skip(s, 1);
		while (s.n > 0 && ((unsigned char)s.p[0] & 0xc0) == 0x80)
			s = str_skip(s, 1);
	}
}

/* A few accented letters tell nothing of which Latin alphabet they belong to: then it is the commonest. */
static bool is_weak(struct str sample, const char *name)
{
	size_t high = 0;
	if (strncmp(name, "iso-8859-", 9) != 0 && strncmp(name, "CP125", 5) != 0 &&
	    strncmp(name, "mac", 3) != 0)
		return false;
	for (size_t i = 0; i < sample.n; i++)
		high += (unsigned char)sample.p[i] >= 0x80;
	return high < GUESS_LETTERS_MIN;
}

static bool guess(struct charset_state *state, struct str body, char *name)
{
	struct str sample = str_of(body.p, body.n < GUESS_BYTES ? body.n : GUESS_BYTES);
	uchardet_t u = uchardet_new();
	if (!u) {
		state->nomem = true;
		return false;
	}
	uchardet_handle_data(u, sample.p, sample.n);
	uchardet_data_end(u);
	bool found = charset_name(state, str_from(uchardet_get_charset(u)), name);
	uchardet_delete(u);
	return found && strcmp(name, "UTF-8") != 0 && !is_weak(sample, name);
}

struct choice {
	char names[4][CHARSET_NAME_MAX];
	unsigned n;
	unsigned labels; /* how many of them the publisher named */
};

static void add_choice(struct choice *c, const char *name)
{
	for (unsigned i = 0; i < c->n; i++)
		if (strcmp(c->names[i], name) == 0)
			return;
	snprintf(c->names[c->n++], CHARSET_NAME_MAX, "%s", name);
}

static void choices_of(
    struct charset_state *state, const struct feed_input *in, struct str body, struct choice *c)
{
	char name[CHARSET_NAME_MAX];
	*c = (struct choice){ .n = 0 };
	struct str labels[2] = { label_of_header(in->content_type), label_of_declaration(body) };
	for (unsigned i = 0; i < 2; i++)
		if (labels[i].n > 0 && charset_name(state, labels[i], name) && strcmp(name, "UTF-8") != 0 &&
		    strncmp(name, "UTF-16", 6) != 0 && strncmp(name, "UTF-32", 6) != 0)
			add_choice(c, name);
	c->labels = c->n;
}

/* Each in turn; the first without errors, else the one with the fewest. */
static bool try_choices(
    struct charset_state *state, const struct choice *c, struct str body, struct buf *out, struct decoded *d)
{
	size_t fewest = SIZE_MAX;
	unsigned winner = 0;
	for (unsigned i = 0; i < c->n; i++) {
		size_t errors;
		buf_clear(out);
		if (!charset_convert(state, c->names[i], body, out, &errors))
			continue;
		if (errors < fewest) {
			fewest = errors;
			winner = i;
		}
		if (errors == 0)
			break;
	}
	if (fewest == SIZE_MAX)
		return false;
	size_t errors = 0;
	if (fewest > 0) {
		buf_clear(out);
		if (!charset_convert(state, c->names[winner], body, out, &errors))
			return false;
	}
	charset_reported_name(c->names[winner], d->name);
	d->lossy = fewest > 0;
	d->relabelled = winner >= c->labels && c->labels > 0;
	d->text = without_bom(buf_view(out));
	return true;
}

static bool decode_signature(struct charset_state *state, struct str body, struct buf *out, struct decoded *d)
{
	const struct signature *s = find_signature(body);
	size_t errors;
	if (!s || !charset_convert(state, s->name, str_skip(body, s->skip), out, &errors))
		return false;
	d->text = without_bom(buf_view(out));
	snprintf(d->name, sizeof(d->name), "%s", s->name);
	d->lossy = errors > 0;
	return true;
}

static bool decode_by_label(struct charset_state *state, const struct feed_input *in, struct str body,
    struct buf *out, struct decoded *d)
{
	struct choice c;
	size_t good, bad;
	char name[CHARSET_NAME_MAX];
	count_utf8(body, &good, &bad);
	choices_of(state, in, body, &c);
	if (good > 4 * bad) {
		d->lossy = d->relabelled = true;
		utf8_clean(body, out);
		d->text = buf_view(out);
		return true;
	}
	if (c.n > 0 && try_choices(state, &c, body, out, d) && !d->lossy)
		return true;
	if (state->nomem || out->failed)
		return false;
	if (guess(state, body, name))
		add_choice(&c, name);
	add_choice(&c, "CP1252");
	return try_choices(state, &c, body, out, d);
}

struct str charset_presumed(struct str body)
{
	bool other = body.n == 0 || body.p[0] == '\0' || body.p[0] == '\x1b' || body.p[0] == '\x4c' ||
	             find_signature(body);
	return other ? (struct str){ NULL, 0 } : without_bom(body);
}

bool charset_decode(const struct feed_input *in, struct buf *out, struct decoded *d, struct err *e)
{
	struct charset_state found = { .nomem = false }, *state = &found;
	char name[CHARSET_NAME_MAX];
	size_t errors;
	*d = (struct decoded){ .name = "UTF-8" };
	buf_init(out, DECODED_MAX);
	if (decode_signature(state, in->body, out, d))
		goto done;
	if (label_of_ebcdic(state, in->body, out, name) &&
	    charset_convert(state, name, in->body, out, &errors)) {
		d->text = buf_view(out);
		charset_reported_name(name, d->name);
		goto done;
	}
	struct str body = without_bom(in->body);
	struct choice c;
	bool valid = utf8_valid_prefix(body) == body.n;
	if (valid && memchr(body.p ? body.p : "", '\x1b', body.n)) {
		choices_of(state, in, body, &c); /* ISO-2022 hides other scripts in ASCII */
		if (c.n > 0 && try_choices(state, &c, body, out, d) && !d->lossy)
			goto done;
		buf_clear(out);
	}
	if (found.nomem || out->failed)
		goto done;
	if (valid) {
		d->text = body;
		snprintf(d->name, sizeof(d->name), "UTF-8");
		d->lossy = false;
		return true;
	}
	if (!decode_by_label(state, in, body, out, d) && !found.nomem && !out->failed) {
		buf_clear(out);
		utf8_clean(body, out);
		d->text = buf_view(out);
		d->lossy = true;
	}
done:
	return out->failed || found.nomem ? err_nomem(e) : true;
}
