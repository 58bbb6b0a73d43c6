/* hint: what an operator may do about a feed that fails. By how the ledger names the failure; in no other way is its text looked at. */
#include "daemon/page/page_priv.h"

static const struct {
	int from, to; /* status of HTTP; 0: there was no answer */
	const char *text;
} by_status[] = {
	{ 0, 0,
	    "No answer: name, address, certificate or time-out. Try <code>gazettectl feeds discover</code> "
	    "with its address." },
	{ 401, 401, "It wants credentials: the feed's username and password_file, or bearer_file." },
	{ 403, 403, "Refused: the publisher may want a contact in the User-Agent, or blocks machines." },
	{ 404, 410, "Gone: look for its new address with <code>gazettectl feeds discover</code>." },
	{ 429, 429, "Too many requests: a longer interval, or fewer feeds of this host." },
	{ 200, 299, "An answer, but no feed: a page, a login or a challenge." },
	{ 500, 599, "The publisher's server fails; it is asked again, ever more slowly." },
};

struct str page_hint(const json_t *feed)
{
	int64_t status = member_number(feed, "last_status");

	for (size_t i = 0; i < ARRAY_LEN(by_status); i++)
		if (status >= by_status[i].from && status <= by_status[i].to)
			return str_from(by_status[i].text);
	return STR("");
}
