/* texts: what a command classifies: JSON Lines (id, title, text, lang, labels) or plain text whose first line is the title. */
#ifndef CTL_TEXTS_H
#define CTL_TEXTS_H

#include "daemon/ctl/command.h"

#include <jansson.h>

struct text {
	const char *file; /* for messages */
	uint64_t line; /* where it began, from 1 */
	struct str id, title, text;
	size_t
	    left_out; /* bytes behind the text that recur at the end of its feed's items, and do not count */
	const char *language; /* or NULL */
	struct str labels; /* of a line "label,label<TAB>text"; absent otherwise */
	const json_t *record; /* the whole object; NULL for plain text */
};

/* False: stop; the walk returns false with e as the callee set it. */
typedef bool texts_each_f(void *ctx, const struct text *text, struct err *e);

/* Walks the texts of a file ("-": standard input). It is JSON Lines when its first line that is not blank is a JSON object; a line that
 * is none is ERR_PARSE. With args->labelled a file of other lines is taken as "label,label<TAB>text", a text each ("none" or nothing:
 * no label). Plain text: args->title is the title, else the first line that is not blank; with neither there is no text. */
bool texts_walk(
    const char *name, const struct ctl_args *args, texts_each_f *each, void *ctx, struct err *e) MUST_CHECK;

#endif
