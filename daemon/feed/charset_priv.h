/* charset: names of encodings and conversion by iconv. */
#ifndef FEED_CHARSET_PRIV_H
#define FEED_CHARSET_PRIV_H

#include "daemon/base/buf.h"
#include "daemon/base/str.h"

#define CHARSET_NAME_MAX 32 /* bytes with NUL; longer labels are none */

struct charset_state { /* of one body */
	bool nomem; /* iconv had no memory: nothing that was found out counts */
};

/* Loads the converter of every name in our tables, for good: in a sandbox without files none can be loaded later. */
void charset_load_all(void);

/* The name that iconv knows, by what publishers mean with a label (GB2312 is GB18030 …). False: nobody knows it. */
bool charset_name(struct charset_state *state, struct str label, char name[CHARSET_NAME_MAX]);
/* The same name as it is reported. */
void charset_reported_name(const char *name, char out[CHARSET_NAME_MAX]);
/* Appends `in` as UTF-8; what means nothing becomes U+FFFD and counts as an error. False: unknown encoding or no memory. */
bool charset_convert(
    struct charset_state *state, const char *name, struct str in, struct buf *out, size_t *errors);

#endif
