/* What other programs get: tables that no spreadsheet runs, and JSON whose members are those of its specification. */
#include "daemon/base/uuid.h"
#include "daemon/ctl/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char item[] =
    "{\"v\":1,\"seq\":7,\"seen_at\":\"2026-11-21T10:15:03.412Z\",\"kind\":\"new\",\"feed\":\"hk en\","
    "\"key\":\"4f0c\",\"url\":\"https://h/1\",\"title\":\"=cmd|' /C calc'!A0\",\"content_text\":\"One, "
    "\\\"two\\\"\\nthree\\t.\","
    "\"date_published\":\"2026-11-21T10:00:00Z\",\"language\":\"en\",\"authors\":[{\"name\":\"A\"},{\"name\":"
    "\"B\"}],"
    "\"topics\":[{\"topic\":\"cybercrime\",\"score\":0.987,\"decision\":\"match\"},"
    "{\"topic\":\"work\",\"score\":0.5,\"decision\":\"review\"}],\"sources\":[{\"feed\":\"f2\",\"seq\":3,"
    "\"url\":\"https://g/2\"}],"
    "\"chain\":\"ab12\"}";
static const char poll[] =
    "{\"v\":1,\"seq\":2,\"at\":\"2026-11-21T10:15:03.412Z\",\"feed\":\"hk\",\"status\":503,"
    "\"result\":\"failed\",\"error\":\"no feed\",\"gap\":true,\"ms\":12,\"chain\":\"cd\"}";

static struct buf out;

static json_t *read(const char *line)
{
	json_t *record = json_loads(line, 0, NULL);
	assert_non_null(record);
	return record;
}

static void write(enum ctl_output output, enum format_kind kind, const char *line)
{
	json_t *record = read(line);
	const struct format_line l = { kind, str_from(line), record };
	const struct format *f = format_of(output);
	assert_non_null(f);
	buf_reset(&out);
	if (f->begin)
		f->begin(kind, &out);
	f->line(&l, &out);
	assert_false(out.failed);
	json_decref(record);
}

/* What was written, as JSON of one line. */
static json_t *written(enum ctl_output output, enum format_kind kind, const char *line)
{
	write(output, kind, line);
	assert_true(out.n > 0 && str_find_byte(buf_view(&out), '\n', 0) == out.n - 1);
	json_t *v = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(v);
	return v;
}

/* "a.b.0": the string there. */
static const char *at(const json_t *v, const char *path)
{
	struct str rest = str_from(path);
	while (rest.p && v) {
		char name[64] = "";
		struct str part = str_cut(&rest, '.');
		assert_true(part.n < sizeof(name));
		memcpy(name, part.p, part.n);
		v = json_is_array(v) ? json_array_get(v, strtoul(name, NULL, 10)) : json_object_get(v, name);
	}
	return json_is_string(v) ? json_string_value(v) : "(none)";
}

static void csv_is_quoted_and_harmless(void **state)
{
	(void)state;
	write(CTL_CSV, FORMAT_RECORDS, item);
	const char *want =
	    "seq,seen_at,kind,feed,key,id,url,external_url,title,summary,content_text,date_published,date_"
	    "modified,"
	    "language,"
	    "authors,tags,topics,model,revises,replays,changed,case,chain\r\n"
	    "7,2026-11-21T10:15:03.412Z,new,hk en,4f0c,,https://h/1,,\"'=cmd|' /C calc'!A0\",,\"One, "
	    "\"\"two\"\"\nthree\t.\",2026-11-21T10:00:00Z,,en,\"A; B\",,\"cybercrime=0.9870; "
	    "work?0.5000\",,,,,,ab12\r\n";
	assert_true(str_eq(buf_view(&out), str_from(want)));
}

static void tsv_has_no_tabs_and_lines_within(void **state)
{
	(void)state;
	write(CTL_TSV, FORMAT_RECORDS, item);
	struct str rest = buf_view(&out), head = str_cut(&rest, '\n'), line = str_cut(&rest, '\n');
	size_t names = 0, cells = 0;
	assert_int_equal(rest.n, 0);
	for (; head.p; names++)
		(void)str_cut(&head, '\t');
	for (; line.p; cells++) {
		struct str cell = str_cut(&line, '\t');
		if (cells == 10)
			assert_true(str_eq(cell, STR("One, \"two\"\\nthree\\t.")));
	}
	assert_int_equal(names, 23);
	assert_int_equal(cells, names);
}

static void formulas_are_disarmed(void **state)
{
	static const struct {
		const char *title, *cell;
	} rows[] = {
		{ "=1+1", "\"'=1+1\"" },
		{ "+1", "\"'+1\"" },
		{ "-1", "\"'-1\"" },
		{ "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "\\t=1", "\"'\t'=1\"" },
		{ "\\r=1", "\"'\r'=1\"" },
		{ "\\n=1", "\"'\n'=1\"" },
		{ "＝1", "\"'＝1\"" },
		/* and where a semicolon, or a line end that is seen before its quotes, begins a cell */
		{ "a;=1", "\"a;'=1\"" },
		{ "a; \\\"+1", "\"a; \"\"'+1\"" },
		{ "a\\r\\n-1", "\"a\r\n'-1\"" },
		{ "a\\t＠1", "\"a\t'＠1\"" },
		{ "a; b=1", "\"a; b=1\"" },
		/* quoted for what parts or trims */
		{ "a;b", "\"a;b\"" },
		{ " a", "\" a\"" },
		{ "a ", "\"a \"" },
		{ "'a", "\"'a\"" },
		{ "a 'b' c", "a 'b' c" },
		{ "a=1", "a=1" },
		{ "1-1", "1-1" },
		{ "a\\u0000b\\u001bc", "a\xef\xbf\xbd"
		                       "b\xef\xbf\xbd"
		                       "c" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char line[100], want[120];
		snprintf(line, sizeof(line), "{\"seq\":-1,\"verdict\":\"%s\"}", rows[i].title);
		json_t *record = json_loads(line, JSON_ALLOW_NUL, NULL);
		const struct format_line l = { FORMAT_REVIEWS, str_from(line), record };
		buf_reset(&out);
		format_csv_line(&l, &out);
		snprintf(want, sizeof(want), "-1,,,,,%s,,,\r\n", rows[i].cell);
		if (!str_eq(buf_view(&out), str_from(want)))
			fail_msg("%s: %.*s, not %s", rows[i].title, STR_ARG(buf_view(&out)), want);
		json_decref(record);
	}
}

static void every_ledger_has_columns(void **state)
{
	(void)state;
	for (int kind = 0; kind < FORMAT_KINDS; kind++) {
		buf_reset(&out);
		format_csv_begin((enum format_kind)kind, &out);
		assert_true(str_starts(buf_view(&out), STR("seq,")));
		assert_true(str_ends(buf_view(&out), STR(",chain\r\n")));
	}
	assert_int_equal(format_kind_of("polls"), FORMAT_POLLS);
	assert_int_equal(format_kind_of("dead-letters"), FORMAT_LETTERS);
	assert_int_equal(format_kind_of("items"), FORMAT_RECORDS);
	assert_int_equal(format_kind_of("cybercrime"), FORMAT_RECORDS);
	write(CTL_CSV, FORMAT_POLLS, poll);
	assert_true(str_ends(buf_view(&out),
	    STR("2,2026-11-21T10:15:03.412Z,hk,,,503,failed,,no feed,,,,,,,,,true,,,,,,,12,,cd\r\n")));
}

static void ecs_has_its_fields(void **state)
{
	(void)state;
	json_t *v = written(CTL_ECS, FORMAT_RECORDS, item);
	assert_string_equal(at(v, "@timestamp"), "2026-11-21T10:15:03.412Z");
	assert_string_equal(at(v, "ecs.version"), "8.11.0");
	assert_string_equal(at(v, "event.kind"), "alert");
	assert_string_equal(at(v, "event.type.0"), "info");
	assert_string_equal(at(v, "event.dataset"), "gazetted.items");
	assert_string_equal(at(v, "event.id"), "ab12");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(v, "event"), "sequence")), 7);
	assert_string_equal(at(v, "rule.name.0"), "cybercrime");
	assert_string_equal(at(v, "rule.name.1"), "(none)");
	assert_string_equal(at(v, "url.original"), "https://h/1");
	assert_string_equal(at(v, "gazetted.title"), "=cmd|' /C calc'!A0");
	json_decref(v);
	v = written(CTL_ECS, FORMAT_POLLS, poll);
	assert_string_equal(at(v, "event.kind"), "event");
	assert_string_equal(at(v, "event.outcome"), "failure");
	assert_int_equal(
	    json_integer_value(json_object_get(json_object_get(v, "event"), "duration")), 12000000);
	assert_string_equal(at(v, "error.message"), "no feed");
	assert_string_equal(at(v, "rule.name.0"), "(none)");
	json_decref(v);
	v = written(CTL_ECS, FORMAT_POLLS, "{\"result\":\"waiting\"}");
	assert_string_equal(at(v, "event.outcome"), "unknown");
	json_decref(v);
}

static void cloudevents_have_their_attributes(void **state)
{
	(void)state;
	json_t *v = written(CTL_CLOUDEVENTS, FORMAT_RECORDS, item);
	assert_string_equal(at(v, "specversion"), "1.0");
	assert_string_equal(at(v, "id"), "ab12");
	assert_string_equal(at(v, "source"), "/gazetted/feeds/hk%20en");
	assert_string_equal(at(v, "type"), "gazetted.record.new");
	assert_string_equal(at(v, "subject"), "4f0c");
	assert_string_equal(at(v, "time"), "2026-11-21T10:15:03.412Z");
	assert_string_equal(at(v, "datacontenttype"), "application/json");
	assert_string_equal(at(v, "data.url"), "https://h/1");
	json_decref(v);
	v = written(CTL_CLOUDEVENTS, FORMAT_LETTERS,
	    "{\"seq\":1,\"at\":\"2026-11-21T10:15:03.412Z\",\"alert\":\"d\"}");
	assert_string_equal(at(v, "source"), "/gazetted/alerts/d");
	assert_string_equal(at(v, "type"), "gazetted.dead-letter");
	assert_int_equal(strlen(at(v, "id")), UUID_TEXT - 1);
	json_decref(v);
}

static void stix_is_a_report_with_references_alone(void **state)
{
	(void)state;
	json_t *v = written(CTL_STIX, FORMAT_RECORDS, item);
	assert_string_equal(at(v, "type"), "bundle");
	assert_int_equal(json_array_size(json_object_get(v, "objects")), 2);
	assert_string_equal(at(v, "objects.0.type"), "identity");
	assert_string_equal(at(v, "objects.1.type"), "report");
	assert_string_equal(at(v, "objects.1.spec_version"), "2.1");
	assert_string_equal(at(v, "objects.1.published"), "2026-11-21T10:00:00Z");
	assert_string_equal(at(v, "objects.1.object_refs.0"), at(v, "objects.0.id"));
	assert_string_equal(at(v, "objects.1.created_by_ref"), at(v, "objects.0.id"));
	assert_string_equal(at(v, "objects.1.external_references.0.url"), "https://h/1");
	assert_string_equal(at(v, "objects.1.external_references.1.source_name"), "f2");
	assert_string_equal(at(v, "objects.1.external_references.2.external_id"), "items/7");
	/* The parts of a bundle have different UUIDs; the same record has the same ones again. */
	assert_string_not_equal(at(v, "id") + strlen("bundle--"), at(v, "objects.1.id") + strlen("report--"));
	json_t *again = written(CTL_STIX, FORMAT_RECORDS, item);
	assert_true(json_equal(v, again));
	json_decref(again);
	json_decref(v);
}

static void misp_detects_and_shares_nothing(void **state)
{
	(void)state;
	json_t *v = written(CTL_MISP, FORMAT_RECORDS, item);
	const json_t *event = json_object_get(v, "Event"), *attributes = json_object_get(event, "Attribute");
	assert_string_equal(at(event, "date"), "2026-11-21");
	assert_string_equal(at(event, "timestamp"), "1795256103");
	assert_string_equal(at(event, "distribution"), "0");
	assert_true(json_is_false(json_object_get(event, "published")));
	assert_int_equal(json_array_size(attributes), 3);
	for (size_t i = 0; i < json_array_size(attributes); i++)
		assert_true(json_is_false(json_object_get(json_array_get(attributes, i), "to_ids")));
	assert_string_equal(at(attributes, "0.type"), "link");
	assert_string_equal(at(attributes, "1.value"), "https://g/2");
	assert_string_equal(at(attributes, "2.type"), "text");
	assert_string_equal(at(event, "Tag.0.name"), "gazetted:topic=\"cybercrime\"");
	json_decref(v);
}

static void misp_tells_an_address_once(void **state)
{
	static const char twice[] =
	    "{\"feed\":\"a\",\"url\":\"https://h/1\",\"title\":\"t\",\"chain\":\"ab\",\"sources\":["
	    "{\"feed\":\"b\",\"url\":\"https://h/1\"},{\"feed\":\"c\",\"url\":\"https://h/2\"},"
	    "{\"feed\":\"d\"},{\"feed\":\"e\",\"url\":\"https://h/2\"},{\"feed\":\"f\",\"url\":\"https://h/"
	    "1\"}]}";
	(void)state;
	json_t *v = written(CTL_MISP, FORMAT_RECORDS, twice);
	const json_t *attributes = json_object_get(json_object_get(v, "Event"), "Attribute");
	assert_int_equal(json_array_size(attributes), 2);
	assert_string_equal(at(attributes, "0.value"), "https://h/1");
	assert_string_equal(at(attributes, "0.comment"), "a, b, f");
	assert_string_equal(at(attributes, "1.value"), "https://h/2");
	assert_string_equal(at(attributes, "1.comment"), "c, e");
	assert_string_not_equal(at(attributes, "0.uuid"), at(attributes, "1.uuid"));
	json_decref(v);
}

/* Such a line is told by its text, of whatever length. */
static void misp_names_attributes_without_a_chain(void **state)
{
	char line[1200];
	(void)state;
	snprintf(line, sizeof(line),
	    "{\"feed\":\"a\",\"url\":\"https://h/"
	    "1\",\"title\":\"%0900d\",\"sources\":[{\"feed\":\"b\",\"url\":\"https://"
	    "h/2\"}]}",
	    0);
	json_t *v = written(CTL_MISP, FORMAT_RECORDS, line);
	const json_t *attributes = json_object_get(json_object_get(v, "Event"), "Attribute");
	assert_int_equal(json_array_size(attributes), 2);
	assert_string_not_equal(at(attributes, "0.uuid"), at(attributes, "1.uuid"));
	json_decref(v);
}

static void a_shadow_is_no_match(void **state)
{
	static const char line[] = "{\"seen_at\":\"2026-11-21T10:15:03.412Z\",\"topics\":["
	                           "{\"topic\":\"a\",\"score\":0.99,\"decision\":\"match\",\"shadow\":true},"
	                           "{\"topic\":\"b\",\"score\":0.91,\"decision\":\"match\"},"
	                           "{\"topic\":\"c\",\"score\":0.6,\"decision\":\"review\"}]}";
	struct printer p = { .terminal = false };
	json_t *record = read(line);
	(void)state;
	buf_init(&p.out, 1 << 20);
	show_line(&p, CTL_SHORT, str_from(line), record);
	assert_true(str_find(buf_view(&p.out), STR(" a~0.99 b=0.91 c?0.60 "), 0) < p.out.n);
	buf_fini(&p.out);
	json_decref(record);
}

static void threats_are_of_one_topic(void **state)
{
	static const char
	    other[] = "{\"topics\":[{\"topic\":\"cybercrime\",\"decision\":\"review\"},"
	              "{\"topic\":\"work\",\"decision\":\"match\"}]}",
	    shadow[] = "{\"topics\":[{\"topic\":\"cybercrime\",\"decision\":\"match\",\"shadow\":true}]}";
	(void)state;
	json_t *record = read(item), *unfit = read(other), *silent = read(shadow);
	assert_true(format_takes(format_of(CTL_STIX), record));
	assert_false(format_takes(format_of(CTL_STIX), unfit));
	assert_false(format_takes(format_of(CTL_MISP), unfit));
	assert_true(format_takes(format_of(CTL_ECS), unfit));
	json_decref(record);
	assert_false(format_takes(format_of(CTL_STIX), silent));
	json_decref(silent);
	json_decref(unfit);
}

static void other_stores_are_refused(void **state)
{
	struct printer p = { .terminal = false };
	struct show s;
	int code = 0;
	struct ctl_args args = { .output = CTL_STIX };
	(void)state;
	buf_init(&p.out, 1 << 20);
	assert_false(show_begin(&s, &p, &args, "items", &code));
	assert_int_equal(code, 64);
	assert_true(show_begin(&s, &p, &args, "cybercrime", &code));
	assert_int_equal(p.out.n, 0);
	args.output = CTL_CSV;
	assert_true(show_begin(&s, &p, &args, "polls", &code));
	assert_true(str_starts(buf_view(&p.out), STR("seq,at,feed,")));
	size_t head = p.out.n;
	show_entry(&s, STR("\x1b[2Jgarbage"), NULL);
	assert_int_equal(p.out.n, head);
	buf_fini(&p.out);
}

static void names_are_those_of_the_standard(void **state)
{
	static const uint8_t dns[UUID_LEN] = { 0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4,
		0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8 };
	const struct str pieces[] = { STR("python"), STR(""), STR(".org") };
	char text[UUID_TEXT];
	(void)state;
	uuid5(dns, pieces, ARRAY_LEN(pieces), text);
	assert_string_equal(text, "886313e1-3b8a-5372-9b90-0c9aee199e5d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_is_quoted_and_harmless),
		cmocka_unit_test(tsv_has_no_tabs_and_lines_within),
		cmocka_unit_test(formulas_are_disarmed),
		cmocka_unit_test(every_ledger_has_columns),
		cmocka_unit_test(ecs_has_its_fields),
		cmocka_unit_test(cloudevents_have_their_attributes),
		cmocka_unit_test(stix_is_a_report_with_references_alone),
		cmocka_unit_test(misp_detects_and_shares_nothing),
		cmocka_unit_test(misp_tells_an_address_once),
		cmocka_unit_test(misp_names_attributes_without_a_chain),
		cmocka_unit_test(a_shadow_is_no_match),
		cmocka_unit_test(threats_are_of_one_topic),
		cmocka_unit_test(other_stores_are_refused),
		cmocka_unit_test(names_are_those_of_the_standard),
	};
	buf_init(&out, 1 << 20);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests_name("ctl/format", tests, NULL, NULL);
	buf_fini(&out);
	return failed;
}
