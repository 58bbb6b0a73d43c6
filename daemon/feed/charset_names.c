/* charset_names: what publishers mean by their labels, and conversion by iconv. */
#include "daemon/feed/charset_priv.h"

#include "daemon/base/attr.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>

#define CONVERT_STEP (64u << 10) /* bytes of room that iconv gets at a time */

static const struct {
	struct str label; /* lower case, without blanks, '-' and '_' */
	const char *name;
} labels[] = {
	{ STR("utf8"), "UTF-8" },
	{ STR("unicode11utf8"), "UTF-8" },
	{ STR("usascii"), "CP1252" },
	{ STR("ascii"), "CP1252" },
	{ STR("iso88591"), "CP1252" },
	{ STR("88591"), "CP1252" },
	{ STR("latin1"), "CP1252" },
	{ STR("l1"), "CP1252" },
	{ STR("windows1252"), "CP1252" },
	{ STR("cp1252"), "CP1252" },
	{ STR("xcp1252"), "CP1252" },
	{ STR("iso88599"), "CP1254" },
	{ STR("iso885911"), "CP874" },
	{ STR("tis620"), "CP874" },
	{ STR("windows874"), "CP874" },
	{ STR("gb2312"), "GB18030" },
	{ STR("gb231280"), "GB18030" },
	{ STR("gbk"), "GB18030" },
	{ STR("xgbk"), "GB18030" },
	{ STR("cp936"), "GB18030" },
	{ STR("ms936"), "GB18030" },
	{ STR("euccn"), "GB18030" },
	{ STR("chinese"), "GB18030" },
	{ STR("gb18030"), "GB18030" },
	{ STR("big5"), "BIG5-HKSCS" },
	{ STR("cnbig5"), "BIG5-HKSCS" },
	{ STR("xxbig5"), "BIG5-HKSCS" },
	{ STR("cp950"), "BIG5-HKSCS" },
	{ STR("big5hkscs"), "BIG5-HKSCS" },
	{ STR("shiftjis"), "CP932" },
	{ STR("sjis"), "CP932" },
	{ STR("xsjis"), "CP932" },
	{ STR("mskanji"), "CP932" },
	{ STR("windows31j"), "CP932" },
	{ STR("cp932"), "CP932" },
	{ STR("euckr"), "CP949" },
	{ STR("ksc56011987"), "CP949" },
	{ STR("ksc5601"), "CP949" },
	{ STR("korean"), "CP949" },
	{ STR("windows949"), "CP949" },
	{ STR("uhc"), "CP949" },
	{ STR("cp949"), "CP949" },
	{ STR("eucjp"), "EUC-JP-MS" },
	{ STR("xeucjp"), "EUC-JP-MS" },
	{ STR("windows1250"), "CP1250" },
	{ STR("windows1251"), "CP1251" },
	{ STR("xcp1251"), "CP1251" },
	{ STR("windows1253"), "CP1253" },
	{ STR("windows1254"), "CP1254" },
	{ STR("windows1255"), "CP1255" },
	{ STR("windows1256"), "CP1256" },
	{ STR("windows1257"), "CP1257" },
	{ STR("windows1258"), "CP1258" },
	{ STR("macroman"), "MACINTOSH" },
	{ STR("xmacroman"), "MACINTOSH" },
	{ STR("maccyrillic"), "MAC-CYRILLIC" },
	{ STR("koi8"), "KOI8-R" },
	{ STR("iso88598i"), "ISO-8859-8" },
	{ STR("maclatin2"), "MAC-CENTRALEUROPE" },
	{ STR("maccentraleurope"), "MAC-CENTRALEUROPE" },
	{ STR("maciceland"), "MAC-IS" },
	{ STR("ibm039"), "IBM037" },
	{ STR("cspc775baltic"), "IBM775" },
	{ STR("cspc862latinhebrew"), "IBM862" },
	{ STR("cspc8codepage437"), "IBM437" },
	{ STR("cspc850multilingual"), "IBM850" },
	{ STR("iso88592windowslatin2"), "CP1250" },
	{ STR("csbig5"), "BIG5-HKSCS" },
	{ STR("big5tw"), "BIG5-HKSCS" },
	{ STR("950"), "BIG5-HKSCS" },
	{ STR("ms950"), "BIG5-HKSCS" },
	{ STR("windows950"), "BIG5-HKSCS" },
	{ STR("xmactradchinese"), "BIG5-HKSCS" },
	{ STR("hkscs"), "BIG5-HKSCS" },
	{ STR("xmacsimpchinese"), "GB18030" },
	{ STR("xmacjapanese"), "CP932" },
	{ STR("xmackorean"), "CP949" },
	{ STR("ms949"), "CP949" },
	{ STR("ksx1001"), "CP949" },
	{ STR("ms1361"), "JOHAB" },
	{ STR("ujis"), "EUC-JP-MS" },
	{ STR("eucjis2004"), "EUC-JISX0213" },
	{ STR("eucjisx0213"), "EUC-JISX0213" },
	{ STR("jisx0213"), "EUC-JISX0213" },
	{ STR("shiftjis2004"), "SHIFT_JISX0213" },
	{ STR("sjis2004"), "SHIFT_JISX0213" },
	{ STR("shiftjisx0213"), "SHIFT_JISX0213" },
	{ STR("sjisx0213"), "SHIFT_JISX0213" },
	{ STR("iso2022jp"), "ISO-2022-JP" },
	{ STR("iso2022jp1"), "ISO-2022-JP-2" },
	{ STR("iso2022jp2"), "ISO-2022-JP-2" },
	{ STR("iso2022jpext"), "ISO-2022-JP-2" },
	{ STR("iso2022jp3"), "ISO-2022-JP-3" },
	{ STR("iso2022jp2004"), "ISO-2022-JP-3" },
	{ STR("iso2022kr"), "ISO-2022-KR" },
	{ STR("iso885921987"), "ISO-8859-2" },
	{ STR("iso885931988"), "ISO-8859-3" },
	{ STR("iso885941988"), "ISO-8859-4" },
	{ STR("iso885951988"), "ISO-8859-5" },
	{ STR("iso885961987"), "ISO-8859-6" },
	{ STR("iso885971987"), "ISO-8859-7" },
	{ STR("iso885981988"), "ISO-8859-8" },
	{ STR("iso885991989"), "CP1254" },
	{ STR("iso8859101992"), "ISO-8859-10" },
	{ STR("iso8859141998"), "ISO-8859-14" },
	{ STR("iso8859162001"), "ISO-8859-16" },
	{ STR("l9"), "ISO-8859-15" },
	{ STR("maccenteuro"), "MAC-CENTRALEUROPE" },
	{ STR("koi8t"), "KOI8-T" },
	{ STR("kz1048"), "RK1048" },
	{ STR("ptcp154"), "PT154" },
	{ STR("csptcp154"), "PT154" },
	{ STR("cp154"), "PT154" },
	{ STR("cyrillicasian"), "PT154" },
	{ STR("cp866u"), "CP1125" },
	{ STR("cpis"), "IBM861" },
	{ STR("cp1051"), "HP-ROMAN8" },
	{ STR("ibm1051"), "HP-ROMAN8" },
	{ STR("hzgb"), "HZ" },
	{ STR("hzgb2312"), "HZ" },
};

static const struct {
	const char *name, *reported;
} reported[] = {
	{ "CP1250", "windows-1250" },
	{ "CP1251", "windows-1251" },
	{ "CP1252", "windows-1252" },
	{ "CP1253", "windows-1253" },
	{ "CP1254", "windows-1254" },
	{ "CP1255", "windows-1255" },
	{ "CP1256", "windows-1256" },
	{ "CP1257", "windows-1257" },
	{ "CP1258", "windows-1258" },
	{ "CP874", "windows-874" },
	{ "CP932", "Shift_JIS" },
	{ "CP949", "EUC-KR" },
	{ "EUC-JP-MS", "EUC-JP" },
	{ "GB18030", "GB18030" },
	{ "BIG5-HKSCS", "Big5-HKSCS" },
	{ "KOI8-R", "KOI8-R" },
	{ "KOI8-U", "KOI8-U" },
	{ "ISO-8859-2", "ISO-8859-2" },
	{ "ISO-8859-3", "ISO-8859-3" },
	{ "ISO-8859-4", "ISO-8859-4" },
	{ "ISO-8859-5", "ISO-8859-5" },
	{ "ISO-8859-6", "ISO-8859-6" },
	{ "ISO-8859-7", "ISO-8859-7" },
	{ "ISO-8859-8", "ISO-8859-8" },
	{ "ISO-8859-10", "ISO-8859-10" },
	{ "ISO-8859-13", "ISO-8859-13" },
	{ "ISO-8859-15", "ISO-8859-15" },
	{ "ISO-2022-JP", "ISO-2022-JP" },
	{ "UTF-7", "UTF-7" },
};

void charset_reported_name(const char *name, char out[CHARSET_NAME_MAX])
{
	for (size_t i = 0; i < ARRAY_LEN(reported); i++) {
		if (str_eq_nocase(str_from(name), str_from(reported[i].name))) {
			snprintf(out, CHARSET_NAME_MAX, "%s", reported[i].reported);
			return;
		}
	}
	for (size_t i = 0; i < CHARSET_NAME_MAX; i++) {
		out[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 32 : name[i]);
		if (name[i] == '\0')
			return;
	}
}

static iconv_t open_converter(struct charset_state *state, const char *name)
{
	iconv_t cd = iconv_open("UTF-8", name);
	if (cd == (iconv_t)-1 && errno != EINVAL)
		state->nomem = true;
	return cd;
}

/* glibc keeps a converter's module loaded while a descriptor for it is open: these are never closed. */
static void keep_loaded(const char *name)
{
	(void)iconv_open("UTF-8", name);
}

void charset_load_all(void)
{
	static const char *const unicode[] = { "UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE", "UTF-32BE",
		"UTF-32" };
	for (size_t i = 0; i < ARRAY_LEN(unicode); i++)
		keep_loaded(unicode[i]);
	for (size_t i = 0; i < ARRAY_LEN(reported); i++)
		keep_loaded(reported[i].name);
	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		keep_loaded(labels[i].name);
}

static bool is_known(struct charset_state *state, const char *name)
{
	iconv_t cd = open_converter(state, name);
	if (cd == (iconv_t)-1)
		return false;
	iconv_close(cd);
	return true;
}

/* "cp1026", "ibm_861", "csIBM863", "860": iconv knows most of them under one of these spellings. */
static bool name_by_rule(struct charset_state *state, struct str label, char *name)
{
	static const struct {
		struct str prefix; /* taken off */
		const char *instead;
	} rules[] = {
		{ STR(""), "" },
		{ STR("cs"), "" },
		{ STR("cspc"), "IBM" },
		{ STR("cspcp"), "IBM" },
		{ STR("cp"), "IBM" },
		{ STR("ibm"), "CP" },
		{ STR(""), "IBM" },
		{ STR(""), "CP" },
		{ STR("x-"), "" },
	};
	char dashed[CHARSET_NAME_MAX];
	for (size_t i = 0; i < label.n; i++)
		dashed[i] = label.p[i] == '_' ? '-' : label.p[i];
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		/* Nothing left of it would be a name, too: that of the locale. */
		if (!str_starts(label, rules[i].prefix) || label.n == rules[i].prefix.n)
			continue;
		size_t skip = rules[i].prefix.n;
		snprintf(name, CHARSET_NAME_MAX, "%s%.*s", rules[i].instead, (int)(label.n - skip),
		    label.p + skip);
		if (is_known(state, name))
			return true;
		snprintf(
		    name, CHARSET_NAME_MAX, "%s%.*s", rules[i].instead, (int)(label.n - skip), dashed + skip);
		if (is_known(state, name))
			return true;
	}
	return false;
}

bool charset_name(struct charset_state *state, struct str label, char name[CHARSET_NAME_MAX])
{
	char plain[CHARSET_NAME_MAX], whole[CHARSET_NAME_MAX];
	size_t n = 0;
	if (label.n == 0 || label.n >= CHARSET_NAME_MAX)
		return false;
	for (size_t i = 0; i < label.n; i++) {
		char c = label.p[i];
		c = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
		whole[i] = c;
		if (c == '/' || (unsigned char)c <= ' ' || (unsigned char)c >= 0x7f)
			return false; /* "//TRANSLIT" is none of a publisher's business */
		if (c != '-' && c != '_')
			plain[n++] = c;
	}
	whole[label.n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		if (str_eq(str_of(plain, n), labels[i].label)) {
			snprintf(name, CHARSET_NAME_MAX, "%s", labels[i].name);
			return true;
		}
	}
	return name_by_rule(state, str_of(whole, label.n), name);
}

bool charset_convert(
    struct charset_state *state, const char *name, struct str in, struct buf *out, size_t *errors)
{
	iconv_t cd = open_converter(state, name);
	if (cd == (iconv_t)-1)
		return false;
	size_t unit = strncmp(name, "UTF-16", 6) == 0 ? 2 : strncmp(name, "UTF-32", 6) == 0 ? 4 : 1;
	char *p = (char *)(uintptr_t)in.p;
	size_t left = in.n;
	*errors = 0;
	while (left > 0) {
		char *to = buf_reserve(out, CONVERT_STEP);
		size_t room = CONVERT_STEP;
		if (!to)
			break;
		char *from = to;
		size_t rc = iconv(cd, &p, &left, &to, &room);
		buf_grown(out, (size_t)(to - from));
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		/* one unit that means nothing, or a character cut in two at the end */
		(*errors)++;
		buf_add(out, "\xef\xbf\xbd", 3);
		size_t skip = left < unit ? left : unit;
		p += skip;
		left -= skip;
	}
	iconv_close(cd);
	return !out->failed;
}
