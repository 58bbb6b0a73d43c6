/* Keyed digests against the vectors of RFC 4231 and RFC 2202; forms there and back. */
#include "daemon/base/attr.h"
#include "daemon/base/form.h"
#include "daemon/base/hmac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Case 2 of both: key "Jefe", "what do ya want for nothing?". */
static const struct {
	const char *name, *hex;
} vectors[] = {
	{ "sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
	{ "sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ "SHA384", "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ec"
	            "fab21649" },
	{ "sha512",
	    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
	    "caeab1a34d4a6b4b636e070a38bce737" },
};

static void knows_the_vectors(void **state)
{
	(void)state;
	struct str key = STR("Jefe"), text = STR("what do ya want for nothing?");
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		enum hmac_digest d;
		char wrong[HMAC_HEX_MAX + 1];
		struct str hex = str_from(vectors[i].hex);
		assert_true(hmac_digest_named(str_from(vectors[i].name), &d));
		assert_true(hmac_matches(d, key, text, hex));
		assert_false(hmac_matches(d, STR("jefe"), text, hex));
		assert_false(hmac_matches(d, key, STR("what do ya want for nothing"), hex));
		for (size_t k = 0; k < hex.n; k++) {
			memcpy(wrong, hex.p, hex.n);
			wrong[k] = wrong[k] == '0' ? '1' : '0';
			assert_false(hmac_matches(d, key, text, str_of(wrong, hex.n)));
			assert_false(hmac_matches(d, key, text, str_of(hex.p, k)));
		}
	}
}

static void refuses_other_names(void **state)
{
	(void)state;
	enum hmac_digest d;
	assert_false(hmac_digest_named(STR("md5"), &d));
	assert_false(hmac_digest_named(STR("sha2567"), &d));
	assert_false(hmac_digest_named(STR(""), &d));
}

static void forms_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *form, *name, *value; /* NULL: none */
	} rows[] = {
		{ "hub.mode=subscribe&hub.topic=http%3A%2F%2Fe.org%2Ff%3Fa%3D1%26b", "hub.topic",
		    "http://e.org/f?a=1&b" },
		{ "a=1&a=2", "a", "1" },
		{ "a+b=c+d%2B", "a b", "c d+" },
		{ "hub%2Emode=x", "hub.mode", "x" },
		{ "a", "a", "" },
		{ "a=%", "a", "%" },
		{ "a=%4", "a", "%4" },
		{ "a=%4g%41", "a", "%4gA" },
		{ "a=b=c", "a", "b=c" },
		{ "&&a=1", "a", "1" },
		{ "aa=1", "a", NULL },
		{ "", "a", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out;
		buf_init(&out, 1000);
		bool found = form_get(str_from(rows[i].form), rows[i].name, &out);
		if (found != (rows[i].value != NULL) || !str_eq(buf_view(&out), str_from(rows[i].value)))
			fail_msg("%s: '%.*s'", rows[i].form, STR_ARG(buf_view(&out)));
		buf_fini(&out);
	}
}

static void forms_are_written(void **state)
{
	(void)state;
	struct buf out, back;
	buf_init(&out, 1000);
	buf_init(&back, 1000);
	form_add(&out, "hub.mode", STR("subscribe"));
	form_add(&out, "x", STR("a&b=c d\xc3\xa9+%"));
	assert_true(str_eq(buf_view(&out), STR("hub.mode=subscribe&x=a%26b%3Dc%20d%C3%A9%2B%25")));
	assert_true(form_get(buf_view(&out), "x", &back));
	assert_true(str_eq(buf_view(&back), STR("a&b=c d\xc3\xa9+%")));
	buf_fini(&out);
	buf_fini(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_vectors),
		cmocka_unit_test(refuses_other_names),
		cmocka_unit_test(forms_are_read),
		cmocka_unit_test(forms_are_written),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("base/hmac", tests, NULL, NULL);
}
