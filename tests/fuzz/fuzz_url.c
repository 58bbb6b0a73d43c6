/* A base and a reference, divided by the first line break: what resolves is canonical in one step, and never an unsafe scheme out of a safe one. */
#include "daemon/base/url.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_of(data, size), base = str_cut(&rest, '\n');
	struct buf whole, key, again, host;
	struct url parts;
	buf_init(&whole, 1u << 22);
	buf_init(&key, 1u << 22);
	buf_init(&again, 1u << 22);
	buf_init(&host, 1u << 22);
	url_parse(rest, &parts);
	url_resolve(base, rest, &whole);
	assert(!whole.failed);
	url_canonical(buf_view(&whole), &key);
	url_canonical(buf_view(&key), &again);
	assert(str_eq(buf_view(&key), buf_view(&again)));
	if (url_is_http(buf_view(&whole)))
		assert(!url_is_unsafe(buf_view(&whole)));
	(void)url_host_key(buf_view(&whole), &host);
	buf_fini(&whole);
	buf_fini(&key);
	buf_fini(&again);
	buf_fini(&host);
	return 0;
}
