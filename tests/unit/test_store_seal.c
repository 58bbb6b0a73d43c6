/* seals: the tree's root and ways are those of RFC 6962; a seal is read in one spelling only. */
#include "daemon/store/linked.h"
#include "daemon/store/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* The leaves and roots of the test vectors that Certificate Transparency's implementations share. */
static const struct str leaves[] = { { "", 0 }, { "\x00", 1 }, { "\x10", 1 }, { "\x20\x21", 2 },
	{ "\x30\x31", 2 }, { "\x40\x41\x42\x43", 4 }, { "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
	{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 } };
static const char *const roots[] = {
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void build(struct merkle *m, size_t n, struct merkle_hash *root)
{
	struct err e = { 0 };

	merkle_init(m);
	for (size_t i = 0; i < n; i++)
		merkle_add(m, leaves[i]);
	assert_true(merkle_build(m, root, &e));
}

static void roots_are_those_of_the_standard(void **state)
{
	(void)state;
	for (size_t n = 1; n <= ARRAY_LEN(leaves); n++) {
		struct merkle_hash root;
		struct merkle m;
		char hex[SHA256_HEX];

		build(&m, n, &root);
		hex_encode(root.p, sizeof(root.p), hex);
		assert_memory_equal(hex, roots[n - 1], SHA256_HEX);
		merkle_fini(&m);
	}
}

static void every_way_leads_to_the_root_and_to_no_other(void **state)
{
	(void)state;
	for (size_t n = 1; n <= ARRAY_LEN(leaves); n++) {
		struct merkle_hash root, path[MERKLE_LEVELS], got;
		struct merkle m;

		build(&m, n, &root);
		for (size_t i = 0; i < n; i++) {
			unsigned length = merkle_path(&m, i, path);

			assert_true(merkle_climb(leaves[i], i, n, path, length, &got));
			assert_memory_equal(&got, &root, sizeof(root));
			assert_false(merkle_climb(leaves[i], i, n, path, length + 1, &got));
			assert_false(merkle_climb(leaves[i], n, n, path, length, &got));
			if (length == 0)
				continue;
			assert_false(merkle_climb(leaves[i], i, n, path, length - 1, &got));
			assert_true(merkle_climb(STR("x"), i, n, path, length, &got));
			assert_memory_not_equal(&got, &root, sizeof(root));
			path[length - 1].p[0] ^= 1;
			assert_true(merkle_climb(leaves[i], i, n, path, length, &got));
			assert_memory_not_equal(&got, &root, sizeof(root));
		}
		merkle_fini(&m);
	}
}

static void a_seal_has_one_spelling(void **state)
{
	struct seal s = { .store = STR("items"),
		.file = STR("items-20261121T101503Z-7.jsonl"),
		.first = 3,
		.last = 7,
		.bytes = 900 };
	struct err e = { 0 };
	struct seal back;
	struct buf line;

	(void)state;
	memset(s.before, 'a', SHA256_HEX);
	memset(s.chain, '1', SHA256_HEX);
	memset(s.root, '2', SHA256_HEX);
	memset(s.previous, '0', SHA256_HEX);
	buf_init(&line, SEAL_MAX);
	assert_true(seal_write(&s, NULL, &line, &e));
	assert_true(seal_parse(str_of(line.p, line.n - 1), &back));
	assert_true(back.first == 3 && back.last == 7 && back.bytes == 900 && back.key.n == 0);
	assert_memory_equal(back.root, s.root, SHA256_HEX);
	assert_false(seal_parse(buf_view(&line), &back)); /* with its '\n' */
	for (size_t i = 0; i + 1 < line.n;
	     i++) { /* no byte of its frame may be another, none may be missing */
		char was = line.p[i];

		assert_false(seal_parse(str_of(line.p, i), &back));
		line.p[i] = '}';
		assert_true(was == '}' || !seal_parse(str_of(line.p, line.n - 1), &back) ||
		            str_find_byte(back.store, '}', 0) != SIZE_MAX ||
		            str_find_byte(back.file, '}', 0) != SIZE_MAX);
		line.p[i] = was == 'a' ? 'A' : was;
		assert_true(was != 'a' || !seal_parse(str_of(line.p, line.n - 1), &back) ||
		            str_find_byte(back.store, 'A', 0) != SIZE_MAX);
		line.p[i] = was;
	}
	buf_fini(&line);
}

static void a_chained_line_is_split_at_its_end(void **state)
{
	static const char line[] = "{\"a\":\",\\\"chain\\\":\\\"\",\"chain\":\""
	                           "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}";
	struct str body, hex;

	(void)state;
	assert_true(linked_split(str_of(line, sizeof(line) - 1), &body, &hex));
	assert_int_equal(body.n, 20);
	assert_int_equal(hex.p[0], '0');
	assert_false(linked_split(str_of(line, sizeof(line) - 2), &body, &hex));
	assert_false(linked_split(STR("{}"), &body, &hex));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_those_of_the_standard),
		cmocka_unit_test(every_way_leads_to_the_root_and_to_no_other),
		cmocka_unit_test(a_seal_has_one_spelling),
		cmocka_unit_test(a_chained_line_is_split_at_its_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store/seal", tests, NULL, NULL);
}
