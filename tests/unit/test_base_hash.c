/* Fingerprints against published vectors; address blocks in every spelling; log lines. */
#include "daemon/base/attr.h"
#include "daemon/base/clock.h"
#include "daemon/base/hash.h"
#include "daemon/base/hash_words.h"
#include "daemon/base/log.h"
#include "daemon/base/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

static void sha256_of_known_texts(void **state)
{
	(void)state;
	static const struct {
		const char *text, *hex;
	} cases[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str whole = str_from(cases[i].text);
		uint8_t digest[SHA256_LEN];
		char hex[SHA256_HEX];
		/* In one piece, and cut at each place. */
		for (size_t cut = 0; cut <= whole.n; cut++) {
			struct str pieces[] = { { whole.p, cut }, { NULL, 0 }, str_skip(whole, cut) };
			sha256(pieces, ARRAY_LEN(pieces), digest);
			hex_encode(digest, sizeof(digest), hex);
			assert_memory_equal(hex, cases[i].hex, sizeof(hex));
		}
	}
}

static void hex_comes_back(void **state)
{
	(void)state;
	uint8_t out[3];
	assert_true(hex_decode(STR("00fFa5"), out, 3));
	assert_memory_equal(out, "\x00\xff\xa5", 3);
	assert_false(hex_decode(STR("00fFa"), out, 3));
	assert_false(hex_decode(STR("00fFag"), out, 3));
	assert_false(hex_decode(STR("00ff"), out, 3));
}

static void crc32c_of_rfc3720(void **state)
{
	(void)state;
	uint8_t bytes[32] = { 0 };
	assert_true(crc32c(0, bytes, 32) == 0x8a9136aa);
	memset(bytes, 0xff, 32);
	assert_true(crc32c(0, bytes, 32) == 0x62a8ab43);
	for (uint8_t i = 0; i < 32; i++)
		bytes[i] = i;
	assert_true(crc32c(0, bytes, 32) == 0x46dd794e);
	for (size_t cut = 0; cut <= 32; cut++)
		assert_true(crc32c(crc32c(0, bytes, cut), bytes + cut, 32 - cut) == 0x46dd794e);
	assert_true(crc32c(0, "123456789", 9) == 0xe3069283);
	assert_true(crc32c(0, NULL, 0) == 0);
}

static void xxh3_is_seeded(void **state)
{
	(void)state;
	assert_true(hash64((struct str){ NULL, 0 }, 0) == UINT64_C(0x2d06800538d394c2));
	assert_true(hash64(STR("item"), 1) != hash64(STR("item"), 2));
	const uint64_t three[] = { 1, UINT64_C(0x9e3779b97f4a7c15), 3 };
	assert_true(hash64_word(three[1], 7) == hash64(str_of(&three[1], 8), 7));
	assert_true(hash64_three(three) == hash64(str_of(three, sizeof(three)), 0));
	struct hash128 a = hash128(STR("item"), 1);
	struct hash128 b = hash128(STR("item"), 1);
	assert_true(a.lo == b.lo && a.hi == b.hi);
}

static struct in6_addr address(const char *text)
{
	struct network n;
	struct err e = { 0 };
	if (!network_parse(str_from(text), &n, &e))
		fail_msg("%s", e.text);
	return n.address;
}

static void networks_contain(void **state)
{
	(void)state;
	static const struct {
		const char *network, *address;
		bool inside;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.1.2", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", true },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "0.0.0.0/0", "203.0.113.1", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "172.16.0.0/12", "172.31.255.255", true },
		{ "172.16.0.0/12", "172.32.0.0", false },
		{ "::/0", "2001:db8::1", true },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "::1", "::1", true },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct network n;
		struct err e = { 0 };
		assert_true(network_parse(str_from(cases[i].network), &n, &e));
		struct in6_addr a = address(cases[i].address);
		if (network_contains(&n, &a) != cases[i].inside)
			fail_msg("%s in %s", cases[i].address, cases[i].network);
	}
}

static void bad_networks_are_refused(void **state)
{
	(void)state;
	static const char *const cases[] = { "", "/8", "10.0.0/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8",
		"10.0.0.1/8", "::1/129", "fe80::1%eth0", "host", "10.0.0.0/-1",
		"1111111111111111111111111111111111111111111111111111111111111111111111111111" };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct network n;
		struct err e = { 0 };
		if (network_parse(str_from(cases[i]), &n, &e))
			fail_msg("'%s' was taken", cases[i]);
		assert_int_equal(e.kind, ERR_CONFIG);
	}
}

static void private_addresses_in_every_spelling(void **state)
{
	(void)state;
	static const char *const private[] = { "127.0.0.1", "127.255.255.255", "0.0.0.0", "0.1.2.3",
		"10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200",
		"168.63.129.16", "192.0.0.192", "198.19.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1",
		"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1",
		"64:ff9b:1::8.8.8.8", "2002:7f00:1::", "2002:a9fe:a9fe::1",
		"2001:0:7f00:1::", "2001:0:808:808:0:0:80ff:fffe", "fe80::1", "fec0::1", "fc00::1",
		"fd00:ec2::254", "ff02::1", "2001:db8::1", "100::1", "2606:4700::200:5efe:10.0.0.1" };
	static const char *const public[] = { "8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1",
		"100.63.255.255", "100.128.0.0", "192.0.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.255",
		"168.63.129.17", "2606:4700::1111", "2001:4860::8888", "64:ff9b::8.8.8.8", "2002:808:808::1",
		"::ffff:8.8.8.8", "2606:4700::200:5efe:8.8.8.8" };
	for (size_t i = 0; i < ARRAY_LEN(private); i++) {
		struct in6_addr a = address(private[i]);
		if (!network_is_private(&a))
			fail_msg("%s is private", private[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(public); i++) {
		struct in6_addr a = address(public[i]);
		if (network_is_private(&a))
			fail_msg("%s is public", public[i]);
	}
}

static void sockaddrs_become_mapped(void **state)
{
	(void)state;
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000001) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr other = { .sa_family = AF_UNIX };
	struct in6_addr want = address("10.0.0.1");
	struct in6_addr got;
	assert_true(network_from_sockaddr((const struct sockaddr *)&four, &got));
	assert_memory_equal(&got, &want, sizeof(got));
	assert_true(network_from_sockaddr((const struct sockaddr *)&six, &got));
	assert_true(network_is_private(&got));
	assert_false(network_from_sockaddr(&other, &got));
}

static void collect(void *ctx, enum log_level level, struct str line)
{
	(void)level;
	char *out = ctx;
	assert_true(line.n < 4000);
	memcpy(out, line.p, line.n);
	out[line.n] = '\0';
}

static void log_lines_are_logfmt(void **state)
{
	(void)state;
	char line[4000] = "";
	log_set_sink(collect, line);
	log_warn("fetch", LOG_STR("feed", STR("hk-gov")), LOG_INT("status", 503), LOG_MS("next", 240000),
	    LOG_MS("took", 12), LOG_MS("wait", 1500));
	assert_string_equal(line, "warn fetch feed=hk-gov status=503 next=240s took=12ms wait=1.500s");
	log_info("x", LOG_CSTR("empty", ""), LOG_CSTR("absent", NULL), LOG_CSTR("blank", "a b"),
	    LOG_CSTR("quote", "a\"b=c"));
	assert_string_equal(line, "info x empty=\"\" absent=\"\" blank=\"a b\" quote=\"a\\\"b=c\"");
	log_error("x", LOG_CSTR("hostile", "a\nb\x1b[2J\xff"));
	assert_string_equal(line, "error x hostile=\"a b\\x1b[2J\xef\xbf\xbd\"");
	line[0] = '\0';
	log_debug("silent", LOG_INT("n", 1));
	assert_string_equal(line, "");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("heard", LOG_INT("n", -1));
	assert_string_equal(line, "debug heard n=-1");
	log_set_level(LOG_LEVEL_INFO);
	char wide[3000];
	memset(wide, 'w', sizeof(wide));
	log_info("long", LOG_STR("v", str_of(wide, sizeof(wide))));
	assert_in_range(strlen(line), 1024, 1100);
	log_set_sink(NULL, NULL);
}

static void clocks_run_forward(void **state)
{
	(void)state;
	int64_t mono = clock_mono(&clock_system);
	assert_true(clock_mono(&clock_system) >= mono);
	assert_true(clock_wall(&clock_system) > INT64_C(1600000000000));
	assert_true(clock_cpu_ms() >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_of_known_texts),
		cmocka_unit_test(hex_comes_back),
		cmocka_unit_test(crc32c_of_rfc3720),
		cmocka_unit_test(xxh3_is_seeded),
		cmocka_unit_test(networks_contain),
		cmocka_unit_test(bad_networks_are_refused),
		cmocka_unit_test(private_addresses_in_every_spelling),
		cmocka_unit_test(sockaddrs_become_mapped),
		cmocka_unit_test(log_lines_are_logfmt),
		cmocka_unit_test(clocks_run_forward),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
