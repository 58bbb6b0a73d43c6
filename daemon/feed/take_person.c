/* take_person: authors and contributors, as boxes (Atom) or as one line (RSS: "mail@example.org (Name)"). */
#include "daemon/feed/take_priv.h"

#include "daemon/feed/text_priv.h"

void take_person_start(struct build *b, const struct element *el, const struct attrs *attrs)
{
	(void)el;
	(void)attrs;
	memset(&b->person, 0, sizeof(b->person));
}

static struct str person_text(struct build *b, struct str text)
{
	buf_clear(&b->scratch);
	text_plain(str_trim(text), VALUE_LOOSE, &b->scratch);
	return build_copy(b, str_trim(buf_view(&b->scratch)));
}

void take_person_name(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	if (!b->person.name.p && str_trim(text).n > 0)
		b->person.name = person_text(b, text);
}

void take_person_url(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	if (!b->person.url.p)
		b->person.url = build_url(b, text);
}

void take_person_email(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	if (!b->person.email.p && str_trim(text).n > 0)
		b->person.email = person_text(b, text);
}

static bool is_email(struct str s)
{
	size_t at = str_find_byte(s, '@', 0);
	return at != SIZE_MAX && at > 0 && at + 1 < s.n && str_find_byte(s, ' ', 0) == SIZE_MAX;
}

/* "mail (Name)", "Name (mail)", "Name <mail>", a mail or a name. */
static struct person person_split(struct str s)
{
	struct person p = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	static const char pairs[2][2] = { { '(', ')' }, { '<', '>' } };
	s = str_trim(s);
	if (str_starts_nocase(s, STR("mailto:")))
		s = str_skip(s, 7);
	for (unsigned i = 0; i < 2; i++) {
		size_t open = str_find_byte(s, pairs[i][0], 0);
		if (open == SIZE_MAX || s.n == 0 || s.p[s.n - 1] != pairs[i][1])
			continue;
		struct str before = str_trim(str_of(s.p, open));
		struct str inside = str_trim(str_of(s.p + open + 1, s.n - open - 2));
		if (is_email(before)) {
			p.email = before;
			p.name = inside;
			return p;
		}
		if (is_email(inside)) {
			p.email = inside;
			p.name = before;
			return p;
		}
	}
	if (is_email(s))
		p.email = s;
	else
		p.name = s;
	return p;
}

static void add_person(struct build *b, struct feed_list *list, struct person p)
{
	if (p.name.n == 0 && p.email.n == 0 && p.url.n == 0)
		return;
	const struct feed_author *have = list->at;
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(have[i].name, p.name) && str_eq(have[i].email, p.email) &&
		    str_eq(have[i].url, p.url))
			return;
	struct feed_author *a = fields_add_author(list, b->fields->arena);
	if (!a)
		return;
	a->name = p.name.n > 0 ? p.name : (struct str){ NULL, 0 };
	a->url = p.url;
	a->email = p.email.n > 0 ? p.email : (struct str){ NULL, 0 };
}

static void end_person(struct build *b, struct feed_list *list, struct str text)
{
	struct person p = b->person;
	if (p.name.n == 0 && p.email.n == 0 && p.url.n == 0 && str_trim(text).n > 0)
		p = person_split(person_text(b, text));
	add_person(b, list, p);
}

void take_author_end(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	end_person(b, &b->fields->authors, text);
}

void take_contributor_end(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	end_person(b, &b->fields->contributors, text);
}

void take_creator(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	if (str_trim(text).n > 0)
		add_person(b, &b->fields->authors, person_split(person_text(b, text)));
}
