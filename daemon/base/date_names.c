/* date_names: the words of dates in the languages that publishers use. Data and its lookup; knows no grammar. */
#include "daemon/base/date_priv.h"

#include "daemon/base/utf8.h"

#define ABBREVIATION_MIN 3 /* letters; shorter ones are listed as they are */

/* A name matches whole or cut to three letters or more (when that still tells it apart in its row); '|' separates
 * spellings that begin with the same byte, '*' allows an ending of up to three letters. Lower case, no accents. English first: it decides "mar". */
static const char *const month_rows[][12] = {
	{ "january", "february", "march", "april", "may", "june", "july", "august", "september|sept",
	    "october", "november", "december" },
	/* German, Dutch, Scandinavian */
	{ "januar|janner", "februar|feber", "marz|maerz|mrz|marts", "april", "mai|maj", "juni", "juli",
	    "august|augusti", "september", "oktober", "november", "dezember|desember" },
	{ "januari", "februari", "maart|mrt", "april", "mei", "juni", "juli", "augustus", "september",
	    "oktober", "november", "december" },
	{ "tammikuu*", "helmikuu*", "maaliskuu*", "huhtikuu*", "toukokuu*", "kesakuu*", "heinakuu*",
	    "elokuu*", "syyskuu*", "lokakuu*", "marraskuu*", "joulukuu*" },
	/* Romance */
	{ "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre|sept",
	    "octobre", "novembre", "decembre" },
	{ "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
	    "septiembre|setiembre|sept", "octubre", "noviembre", "diciembre" },
	{ "janeiro", "fevereiro", "marco", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
	    "novembro", "dezembro" },
	{ "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre|sett",
	    "ottobre", "novembre", "dicembre" },
	{ "gener", "febrer", "marc", "abril", "maig", "juny", "juliol", "agost", "setembre", "octubre",
	    "novembre", "desembre" },
	{ "ianuarie", "februarie", "martie", "aprilie", "mai", "iunie", "iulie", "august", "septembrie",
	    "octombrie", "noiembrie", "decembrie" },
	/* Slavic */
	{ "январ*", "феврал*", "март*", "апрел*", "май|мая|мае", "июн*", "июл*", "август*", "сентябр*|сент",
	    "октябр*", "ноябр*", "декабр*" },
	{ "січ*|сiч*", "лют*", "берез*", "квіт*|квит*", "трав*", "черв*", "лип*", "серп*", "верес*", "жовт*",
	    "листопад*", "груд*" },
	{ "януари", "февруари", "март", "април", "май", "юни", "юли", "август", "септември", "октомври",
	    "ноември", "декември" },
	{ "styczen|stycznia", "luty|lutego", "marzec|marca", "kwiecien|kwietnia", "maj|maja",
	    "czerwiec|czerwca", "lipiec|lipca", "sierpien|sierpnia", "wrzesien|wrzesnia", "pazdziernik*",
	    "listopad*", "grudzien|grudnia" },
	{ "leden|ledna", "unor*", "brezen|brezna", "duben|dubna", "kveten|kvetna", "cerven|cervna",
	    "cervenec|cervence", "srpen|srpna", "zari", "rijen|rijna", "listopad*", "prosinec|prosince" },
	/* Others */
	{ "", "pebruari", "", "", "", "", "", "ogos", "", "", "", "" },
	{ "januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus|agt|ags", "september",
	    "oktober", "november|nopember", "desember|disember" },
	{ "enero", "pebrero", "marso", "abril", "mayo", "hunyo", "hulyo", "agosto", "setyembre", "oktubre",
	    "nobyembre", "disyembre" },
	{ "ocak", "subat", "mart", "nisan", "mayis", "haziran", "temmuz", "agustos", "eylul", "ekim", "kasim",
	    "aralik" },
	{ "januar*", "februar*", "marcius", "aprilis", "majus|maujus", "junius", "julius", "augusztus",
	    "szeptember", "oktober", "november", "december" },
	{ "ιανουαρ*", "φεβρουαρ*|φλεβαρη*", "μαρτι*|μαωρτι*|μαω|μαρ", "απριλ*", "μαιο*|μαη*|μαι",
	    "ιουνι*|ιον", "ιουλι*|ιολ", "αυγουστ*", "σεπτεμβρ*", "οκτωβρ*", "νοεμβρ*", "δεκεμβρ*" },
	{ "يناير", "فبراير", "مارس", "ابريل", "مايو", "يونيو", "يوليو", "اغسطس", "سبتمبر", "اكتوبر", "نوفمبر",
	    "ديسمبر" },
	{ "", "شباط", "اذار", "", "ايار", "حزيران", "تموز", "", "ايلول", "", "", "" },
	{ "γεναρη*", "", "", "نيسان", "", "", "", "اب", "", "", "", "" },
};

static const char *const weekday_rows[][7] = {
	{ "sunday", "monday", "tuesday|tues", "wednesday|weds", "thursday|thurs|thur", "friday", "saturday" },
	{ "sonntag|so", "montag|mo", "dienstag|di", "mittwoch|mi", "donnerstag|do", "freitag|fr",
	    "samstag|sonnabend|sa" },
	{ "zondag|zo", "maandag|ma", "dinsdag|di", "woensdag|wo", "donderdag|do", "vrijdag|vr",
	    "zaterdag|za" },
	{ "sondag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lordag" },
	{ "sondag", "mandag", "tisdag", "onsdag", "torsdag", "fredag", "lordag" },
	{ "sunnuntai*", "maanantai*", "tiistai*", "keskiviikko*", "torstai*", "perjantai*", "lauantai*" },
	{ "dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi" },
	{ "domingo", "lunes", "martes", "miercoles", "jueves", "viernes", "sabado" },
	{ "domingo", "segunda", "terca", "quarta", "quinta", "sexta", "sabado" },
	{ "domenica", "lunedi", "martedi", "mercoledi", "giovedi", "venerdi", "sabato" },
	{ "diumenge", "dilluns", "dimarts", "dimecres", "dijous", "divendres", "dissabte" },
	{ "duminica", "luni", "marti", "miercuri", "joi", "vineri", "sambata" },
	{ "воскресенье", "понедельник", "вторник", "среда|среду", "четверг", "пятница|пятницу",
	    "суббота|субботу" },
	{ "вс", "пн", "вт", "ср", "чт", "пт", "сб" },
	{ "нд", "пн", "вт", "ср", "чт", "пт", "сб" },
	{ "неділя", "понеділок", "вівторок", "середа", "четвер", "п'ятниця", "субота" },
	{ "niedziela|nd|ndz", "poniedzialek|pn|pon", "wtorek|wt", "sroda|sr", "czwartek|czw", "piatek|pt",
	    "sobota|sb|sob" },
	{ "nedele|ne", "pondeli|po", "utery|ut", "streda|st", "ctvrtek|ct", "patek|pa", "sobota|so" },
	{ "minggu", "senin", "selasa", "rabu", "kamis|khamis", "jumat|jum'at|jumaat", "sabtu" },
	{ "ahad", "isnin", "", "", "", "", "" },
	{ "linggo", "lunes", "martes", "miyerkules", "huwebes", "biyernes", "sabado" },
	{ "pazar|paz", "pazartesi|pzt", "sali", "carsamba", "persembe", "cuma", "cumartesi|cmt" },
	{ "vasarnap", "hetfo", "kedd", "szerda|sze", "csutortok|cs", "pentek", "szombat|szo" },
	{ "κυριακη", "δευτερα", "τριτη", "τεταρτη", "πεμπτη", "παρασκευη", "σαββατο" },
	{ "الاحد", "الاثنين", "الثلاثاء", "الاربعاء", "الخميس", "الجمعة", "السبت" },
};

static const struct {
	enum date_meaning meaning;
	const char *words; /* blanks between them */
} other_words[] = {
	{ DATE_MEANS_AM, "am π.μ" },
	{ DATE_MEANS_PM, "pm μ.μ" },
	{ DATE_MEANS_T, "t" },
	{ DATE_MEANS_WEEK, "w" },
	{ DATE_MEANS_HOUR, "h hs hrs hours" },
	{ DATE_MEANS_MINUTE, "min" },
	{ DATE_MEANS_SECOND, "s sec" },
	{ DATE_MEANS_CLOCK, "uhr klo kl godz ore" },
	{ DATE_MEANS_MONTH_NEXT, "thang" },
	{ DATE_MEANS_NOISE, "of the at on st nd rd th de del do da le la el a as las os um den der am alle "
	                    "il op om o dnia roku r "
	                    "pukul jam saat à er em г г. год года у в во о и feira ngay nam dia y e" },
};

static const struct {
	const char *word;
	enum date_meaning meaning;
	int value;
} cjk_words[] = {
	{ "年", DATE_MEANS_YEAR, 0 },
	{ "月", DATE_MEANS_MONTH, 0 },
	{ "日", DATE_MEANS_DAY, 0 },
	{ "号", DATE_MEANS_DAY, 0 },
	{ "號", DATE_MEANS_DAY, 0 },
	{ "時", DATE_MEANS_HOUR, 0 },
	{ "时", DATE_MEANS_HOUR, 0 },
	{ "点", DATE_MEANS_HOUR, 0 },
	{ "點", DATE_MEANS_HOUR, 0 },
	{ "分", DATE_MEANS_MINUTE, 0 },
	{ "秒", DATE_MEANS_SECOND, 0 },
	{ "上午", DATE_MEANS_AM, 0 },
	{ "早上", DATE_MEANS_AM, 0 },
	{ "凌晨", DATE_MEANS_AM, 0 },
	{ "午前", DATE_MEANS_AM, 0 },
	{ "下午", DATE_MEANS_PM, 0 },
	{ "午後", DATE_MEANS_PM, 0 },
	{ "午后", DATE_MEANS_PM, 0 },
	{ "中午", DATE_MEANS_NOON, 0 },
	{ "晚上", DATE_MEANS_NIGHT, 0 },
	{ "令和", DATE_MEANS_ERA, 2018 },
	{ "平成", DATE_MEANS_ERA, 1988 },
	{ "昭和", DATE_MEANS_ERA, 1925 },
	{ "民國", DATE_MEANS_ERA, 1911 },
	{ "民国", DATE_MEANS_ERA, 1911 },
	{ "년", DATE_MEANS_YEAR, 0 },
	{ "월", DATE_MEANS_MONTH, 0 },
	{ "일", DATE_MEANS_DAY, 0 },
	{ "시", DATE_MEANS_HOUR, 0 },
	{ "분", DATE_MEANS_MINUTE, 0 },
	{ "초", DATE_MEANS_SECOND, 0 },
	{ "오전", DATE_MEANS_AM, 0 },
	{ "오후", DATE_MEANS_PM, 0 },
	{ "公元", DATE_MEANS_NOISE, 0 },
	{ "西元", DATE_MEANS_NOISE, 0 },
	{ "中華", DATE_MEANS_NOISE, 0 },
};

/* Weekdays of scripts without blanks: what comes before or behind the letter of the day. */
static const char *const cjk_weekday_before[] = { "星期", "礼拜", "禮拜", "周", "週" };
static const char *const cjk_weekday_behind[] = { "曜日", "曜", "요일" };
static const char *const cjk_days[] = { "日天月一火二水三木四金五土六", "일월화수목금토" };

static size_t letters(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static bool spelling_matches(struct str word, struct str spelling)
{
	bool open = str_ends(spelling, STR("*"));
	if (open)
		spelling.n--;
	if (word.n <= spelling.n)
		return str_starts(spelling, word) &&
		       (word.n == spelling.n || letters(word) >= ABBREVIATION_MIN);
	return open && str_starts(word, spelling) && letters(word) - letters(spelling) <= 3;
}

#define MEMORY_SLOTS 64 /* words; a hash of six bits */

enum fit { FIT_NONE, FIT_CUT, FIT_WHOLE };

static enum fit name_fits(struct str word, const char *spellings)
{
	enum fit best = FIT_NONE;
	struct str rest = str_from(spellings);
	while (rest.p) {
		struct str spelling = str_cut(&rest, '|');
		if (str_eq(word, spelling))
			return FIT_WHOLE;
		if (spelling_matches(word, spelling))
			best = FIT_CUT;
	}
	return best;
}

/* Index of the one name of the row that fits, or -1; a whole name beats those of which it is a beginning. */
static int find_in_row(struct str word, const char *const *row, int count)
{
	int found = -1;
	for (int i = 0; i < count; i++) {
		if (row[i][0] != word.p[0])
			continue;
		enum fit fit = name_fits(word, row[i]);
		if (fit == FIT_WHOLE)
			return i;
		if (fit == FIT_CUT)
			found = found < 0 ? i : count;
	}
	return found < count ? found : -1;
}

static int find_month(struct str word)
{
	for (size_t r = 0; r < ARRAY_LEN(month_rows); r++) {
		int i = find_in_row(word, month_rows[r], 12);
		if (i >= 0)
			return i + 1;
	}
	return 0;
}

static int find_weekday(struct str word)
{
	for (size_t r = 0; r < ARRAY_LEN(weekday_rows); r++) {
		int i = find_in_row(word, weekday_rows[r], 7);
		if (i >= 0)
			return i;
	}
	return -1;
}

static enum date_meaning find_other(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(other_words); i++) {
		struct str rest = str_from(other_words[i].words);
		while (rest.p)
			if (str_eq(str_cut(&rest, ' '), word))
				return other_words[i].meaning;
	}
	return DATE_MEANS_NOTHING;
}

static struct date_word look_up(struct str folded)
{
	struct date_word w = { .meaning = find_other(folded), .weekday = -1 };
	if (w.meaning != DATE_MEANS_NOTHING && w.meaning != DATE_MEANS_NOISE)
		return w;
	w.month = letters(folded) < 2 ? 0 : find_month(folded);
	w.weekday = find_weekday(folded);
	if (w.month > 0 || w.weekday >= 0) {
		w.meaning = DATE_MEANS_NAME;
		return w;
	}
	/* Elsewhere than behind the time a single letter is no zone, but for the one that everybody writes. */
	if (w.meaning == DATE_MEANS_NOTHING && date_zone_of(folded, &w) &&
	    (folded.n > 1 || folded.p[0] == 'z'))
		w.meaning = DATE_MEANS_ZONE;
	return w;
}

/* A feed says "tue", "mar" and "gmt" again and again: short words are remembered, by their bytes. */
struct date_word date_word_of(struct str folded)
{
	static _Thread_local struct {
		uint64_t key; /* 0: free */
		struct date_word word;
	} memory[MEMORY_SLOTS];
	char bytes[sizeof(memory[0].key)] = { (char)folded.n };
	uint64_t key;
	if (folded.n == 0 || folded.n >= sizeof(bytes))
		return look_up(folded);
	memcpy(bytes + 1, folded.p, folded.n);
	memcpy(&key, bytes, sizeof(key));
	size_t slot = (key * UINT64_C(0x9e3779b97f4a7c15)) >> 58;
	if (memory[slot].key != key) {
		memory[slot].word = look_up(folded);
		memory[slot].key = key;
	}
	return memory[slot].word;
}

/* The letter of a weekday at the start of s: its bytes, or 0. */
static size_t cjk_day(struct str s, int *weekday)
{
	static const signed char day_of[] = { 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6 };
	for (size_t script = 0; script < ARRAY_LEN(cjk_days); script++) {
		struct str days = str_from(cjk_days[script]);
		for (size_t i = 0; i < days.n; i += 3) {
			if (!str_starts(s, (struct str){ days.p + i, 3 }))
				continue;
			*weekday = script == 0 ? day_of[i / 3] : (int)(i / 3);
			return 3;
		}
	}
	return 0;
}

static size_t cjk_weekday(struct str s, int *weekday)
{
	for (size_t i = 0; i < ARRAY_LEN(cjk_weekday_before); i++) {
		struct str before = str_from(cjk_weekday_before[i]);
		if (str_starts(s, before) && cjk_day(str_skip(s, before.n), weekday))
			return before.n + 3;
	}
	if (!cjk_day(s, weekday))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(cjk_weekday_behind); i++) {
		struct str behind = str_from(cjk_weekday_behind[i]);
		if (str_starts(str_skip(s, 3), behind))
			return 3 + behind.n;
	}
	return 0;
}

size_t date_word_cjk(struct str s, struct date_word *out)
{
	*out = (struct date_word){ .meaning = DATE_MEANS_NAME, .weekday = -1 };
	size_t n = cjk_weekday(s, &out->weekday);
	if (n > 0)
		return n;
	for (size_t i = 0; i < ARRAY_LEN(cjk_words); i++) {
		struct str word = str_from(cjk_words[i].word);
		if (word.n <= n || !str_starts(s, word))
			continue;
		n = word.n;
		out->meaning = cjk_words[i].meaning;
		out->value = cjk_words[i].value;
	}
	if (n == 0)
		out->meaning = DATE_MEANS_NOTHING;
	return n;
}
