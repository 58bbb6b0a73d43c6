/* A label (up to the first NUL) and any bytes: whatever comes out is UTF-8. */
#include "daemon/base/utf8.h"
#include "daemon/feed/source_priv.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char type[96];
	const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
	size_t label = nul ? (size_t)(nul - data) : 0;
	snprintf(
	    type, sizeof(type), "text/xml; charset=%.*s", (int)(label < 64 ? label : 64), (const char *)data);
	struct feed_input in = { .content_type = str_from(type),
		.body = nul ? str_of(nul + 1, size - label - 1) : str_of(data, size) };
	struct decoded d;
	struct buf out;
	struct err e = { .kind = ERR_NONE };
	if (charset_decode(&in, &out, &d, &e)) {
		assert(utf8_valid_prefix(d.text) == d.text.n);
		assert(d.name[0] != '\0');
	} else {
		assert(e.kind == ERR_NOMEM && out.failed);
	}
	struct prolog p;
	struct str text = charset_presumed(in.body);
	if (text.p)
		prolog_read(text, &p);
	buf_fini(&out);
	return 0;
}
