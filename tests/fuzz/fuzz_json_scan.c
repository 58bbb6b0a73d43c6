/* Any bytes as a line: what the scanner takes jansson takes too, and means the same by it. */
#include "daemon/base/json_scan.h"

#include <assert.h>
#include <jansson.h>

static void compare(const struct json_member *m, const json_t *object, struct buf *scratch)
{
	const json_t *v = json_object_get(object, m->name);
	struct str text;

	assert((v != NULL) == (m->value.p != NULL));
	if (!v)
		return;
	assert(json_is_string(v) == json_scan_text(m->value, scratch, &text));
	if (json_is_string(v))
		assert(str_eq(text, str_of(json_string_value(v), json_string_length(v))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_member wanted[] = { { .name = "title" }, { .name = "summary" }, { .name = "t" } };
	struct buf scratch;
	json_t *object;

	if (!json_scan(str_of((const char *)data, size), wanted, 3))
		return 0;
	object = json_loadb((const char *)data, size, JSON_ALLOW_NUL, NULL);
	assert(json_is_object(object));
	buf_init(&scratch, 1u << 20);
	for (size_t i = 0; i < 3; i++)
		compare(&wanted[i], object, &scratch);
	buf_fini(&scratch);
	json_decref(object);
	return 0;
}
