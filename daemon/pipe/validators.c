/* validators: what is kept of an answer to ask for what has changed since; and whether what 304s say is believed. */
#include "daemon/pipe/engine_priv.h"

#include <stdlib.h>

/* The answer's validators take the place of the old ones, also when it has none: the server dropped them. Without memory
 * for the address that gave them they are not kept: sent elsewhere they would mean nothing. */
static void adopt_validators(struct poll *p)
{
	struct err e = { .kind = ERR_NONE };

	if (!feedstate_set(&p->after.validator_url, str_from(p->url), &e)) {
		feedstate_forget_validators(&p->after);
		return;
	}
	free(p->after.etag);
	free(p->after.last_modified);
	p->after.etag = p->etag;
	p->after.last_modified = p->last_modified;
	p->etag = p->last_modified = NULL;
}

static bool is_same(const char *a, const char *b)
{
	return str_eq(str_from(a), str_from(b));
}

/* What was read to its end is the document that the answer's validators stand for; while it is not clear whether a 304 to the old ones would
 * have been a lie, those are sent once more. */
void validators_note_document(struct poll *p)
{
	const struct feedstate *before = &p->feed->state;
	struct trust_document d = {
		.probe = p->whole,
		.changed = p->news || p->finding_count,
		.same_validators =
		    is_same(p->etag, before->etag) && is_same(p->last_modified, before->last_modified),
	};
	int64_t since = p->after.trust.whole_at;
	enum trust_verdict v = trust_document(&p->after.trust, &d, p->feed_conf->fetch, p->at);

	if (v == TRUST_LOST)
		health_tell_lie(p, since);
	p->after.body = p->body;
	if (v != TRUST_OPEN)
		adopt_validators(p);
}

/* What a 304 says anew of the document that we have (RFC 9111 section 4.3.4); what it leaves out stays. */
void validators_keep_document(struct poll *p)
{
	if (!p->etag) {
		p->etag = p->after.etag;
		p->after.etag = NULL;
	}
	if (!p->last_modified) {
		p->last_modified = p->after.last_modified;
		p->after.last_modified = NULL;
	}
	adopt_validators(p);
	if (trust_not_modified(&p->after.trust, p->feed_conf->fetch, p->at))
		health_tell_lie(p, p->after.trust.whole_at);
}
