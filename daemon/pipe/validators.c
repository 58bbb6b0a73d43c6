/* validators: what is kept of an answer to ask for what has changed since; and whether what 304s say is believed. */
#include "daemon/pipe/engine_priv.h"

/* An answer's validator takes the place of the old one; one that it leaves out stays, or was dropped by the server. */
static bool adopt(struct poll *p, enum feedtext which, const char *value, bool may_stay, struct err *e)
{
	return (!value && may_stay) || feedtext_set(&p->after.texts, which, str_from(value), e);
}

/* Without memory for one of them, or for the address that gave them, none is kept: sent elsewhere they would mean nothing. */
static void adopt_validators(struct poll *p, bool may_stay)
{
	struct err e = { .kind = ERR_NONE };

	if (!adopt(p, FEEDTEXT_VALIDATOR_URL, p->url, false, &e) ||
	    !adopt(p, FEEDTEXT_ETAG, p->etag, may_stay, &e) ||
	    !adopt(p, FEEDTEXT_LAST_MODIFIED, p->last_modified, may_stay, &e))
		feedstate_forget_validators(&p->after);
}

static bool is_same(const char *answered, const struct feedstate *before, enum feedtext which)
{
	return str_eq(str_from(answered), feedtext_str(before->texts, which));
}

/* What was read to its end is the document that the answer's validators stand for; while it is not clear whether a 304 to the old ones would
 * have been a lie, those are sent once more. */
void validators_note_document(struct poll *p)
{
	const struct feedstate *before = &p->feed->state;
	struct trust_document d = {
		.probe = p->whole,
		.changed = p->news || p->finding_count,
		.same_validators = is_same(p->etag, before, FEEDTEXT_ETAG) &&
		                   is_same(p->last_modified, before, FEEDTEXT_LAST_MODIFIED),
	};
	int64_t since = p->learned.trust.whole_at;
	enum trust_verdict v = trust_document(&p->learned.trust, &d, p->feed_conf->fetch, p->at);

	if (v == TRUST_LOST)
		health_tell_lie(p, since);
	p->after.body = p->body;
	if (v != TRUST_OPEN)
		adopt_validators(p, false);
}

/* What a 304 says anew of the document that we have (RFC 9111 section 4.3.4); what it leaves out stays. */
void validators_keep_document(struct poll *p)
{
	adopt_validators(p, true);
	if (trust_not_modified(&p->learned.trust, p->feed_conf->fetch, p->at))
		health_tell_lie(p, p->learned.trust.whole_at);
}
