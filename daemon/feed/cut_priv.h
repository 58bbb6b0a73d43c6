/*
 * cut: takes the long texts out of XML, so that they need not go through libxml2, which looks at every byte of them several times.
 * It only says where texts seem to be; whether libxml2 agrees is for the caller to see.
 */
#ifndef FEED_CUT_PRIV_H
#define FEED_CUT_PRIV_H

#include "daemon/base/str.h"

#define CUT_RUN_MIN 96 /* bytes; a shorter text costs less than another call of libxml2 */
#define CUT_RUN_MAX                                                                                          \
	(64u << 20) /* bytes; the CPU budget is not looked at within one, which takes some 10 ms */
#define CUT_MARKUP_MAX (16u << 10) /* bytes of markup after which a piece ends */

struct cutter {
	struct str text;
	size_t at; /* behind all pieces so far */
	bool refused; /* a construct has no end, or is longer than its limit */
};

enum run_kind { RUN_NONE, RUN_TEXT, RUN_SECTION };

struct piece {
	struct str markup; /* with the short texts between */
	struct str run; /* the text behind it; of a section without its marks */
	struct str whole; /* the same with its marks */
	enum run_kind kind;
};

/* False: nothing is left, or it was refused. */
bool cut_next(struct cutter *c, struct piece *out);

#endif
