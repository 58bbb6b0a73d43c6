/* number_words: a table in order, and what its rows begin with. Owns nothing. */
#include "daemon/pipe/number_words.h"

#include "classifiers/cls_hash.h"
#include "daemon/base/attr.h"
#include "daemon/base/bytes8.h"
#include "daemon/base/utf8.h"

#include <stdlib.h>

/* Sorted. In the languages of the shipped topics; Chinese and Japanese have characters for it. */
static const char *const number_words[] = {
	"acht",
	"achtzig",
	"anim",
	"apat",
	"belas",
	"billion",
	"catorce",
	"catorze",
	"cem",
	"cent",
	"cero",
	"cien",
	"ciento",
	"cinco",
	"cincuenta",
	"cinq",
	"cinquante",
	"cinquenta",
	"cuarenta",
	"cuatro",
	"dalawa",
	"dalawang",
	"delapan",
	"deux",
	"dez",
	"diez",
	"dix",
	"doce",
	"dois",
	"dos",
	"douze",
	"doze",
	"dozen",
	"drei",
	"dreissig",
	"dua",
	"duas",
	"eight",
	"eighteen",
	"eighth",
	"eighty",
	"ein",
	"eine",
	"eleven",
	"elf",
	"empat",
	"enam",
	"fifteen",
	"fifth",
	"fifty",
	"first",
	"five",
	"forty",
	"four",
	"fourteen",
	"fourth",
	"funf",
	"funfzig",
	"huit",
	"hundert",
	"hundred",
	"isa",
	"juta",
	"lima",
	"limang",
	"mil",
	"mille",
	"million",
	"millionen",
	"millon",
	"millones",
	"neuf",
	"neun",
	"neunzig",
	"nine",
	"nineteen",
	"ninety",
	"ninth",
	"nove",
	"noventa",
	"nueve",
	"ochenta",
	"ocho",
	"oito",
	"once",
	"one",
	"onze",
	"pito",
	"pitong",
	"puluh",
	"quarante",
	"quarenta",
	"quatorze",
	"quatre",
	"quatro",
	"quince",
	"quinze",
	"ratus",
	"ribu",
	"sampu",
	"sampung",
	"satu",
	"sebelas",
	"sechs",
	"sechzig",
	"second",
	"seis",
	"seize",
	"sembilan",
	"sept",
	"sepuluh",
	"sesenta",
	"sete",
	"setenta",
	"seven",
	"seventeen",
	"seventh",
	"seventy",
	"sieben",
	"siebzig",
	"siete",
	"six",
	"sixteen",
	"sixth",
	"sixty",
	"siyam",
	"soixante",
	"tatlo",
	"tatlong",
	"tausend",
	"ten",
	"tenth",
	"third",
	"thirteen",
	"thirty",
	"thousand",
	"three",
	"tiga",
	"trece",
	"treinta",
	"treize",
	"trente",
	"tres",
	"treze",
	"trinta",
	"trois",
	"tujuh",
	"twelve",
	"twenty",
	"two",
	"um",
	"uma",
	"un",
	"una",
	"uno",
	"veinte",
	"vier",
	"vierzig",
	"vingt",
	"vinte",
	"walo",
	"walong",
	"zehn",
	"zero",
	"zwanzig",
	"zwei",
	"zwolf",
	"восемь",
	"два",
	"двадцать",
	"две",
	"двенадцать",
	"двое",
	"девять",
	"десять",
	"один",
	"одиннадцать",
	"одна",
	"пятеро",
	"пять",
	"пятьдесят",
	"семеро",
	"семь",
	"сорок",
	"сто",
	"три",
	"тридцать",
	"трое",
	"тысяча",
	"тысячи",
	"четверо",
	"четыре",
	"шестеро",
	"шесть",
};

static const uint32_t number_characters[] = { 0x3007, 0x4e00, 0x4e03, 0x4e07, 0x4e09, 0x4e24, 0x4e5d, 0x4e8c,
	0x4e94, 0x4ebf, 0x5104, 0x5169, 0x516b, 0x516d, 0x5341, 0x5343, 0x534a, 0x56db, 0x767e, 0x842c,
	0x96f6 };

#define PLACE_SHIFT 53 /* the upper bits of a hash, as many as a place has */
_Static_assert(NUMBER_PLACES == 1u << (64 - PLACE_SHIFT), "a place for every hash");

static uint32_t bit(size_t n)
{
	return UINT32_C(1) << (n & 31);
}

static size_t place_of(struct cls_term_bytes first)
{
	return (size_t)(cls_term_mix(first.low, first.high) * CLS_TERM_FACTOR >> PLACE_SHIFT);
}

static bool is_taken(const struct number_looks *l, size_t place)
{
	return l->words[place / 64] >> (place & 63) & 1;
}

void number_looks_init(struct number_looks *l)
{
	*l = (struct number_looks){ .words = { 0 } };
	for (size_t i = 0; i < ARRAY_LEN(number_words); i++) {
		unsigned char room[16] = { 0 };
		size_t n = strlen(number_words[i]), place;

		memcpy(room, number_words[i], n < 16 ? n : 16);
		place = place_of(cls_term_bytes(room, n));
		l->words[place / 64] |= UINT64_C(1) << (place & 63);
	}
	for (size_t i = 0; i < ARRAY_LEN(number_characters); i++)
		l->characters[number_characters[i] / 32 % 8] |= bit(number_characters[i]);
}

static int compare(const void *key, const void *row)
{
	return str_cmp(*(const struct str *)key, str_from(*(const char *const *)row));
}

static bool is_written_out(struct str word)
{
	return bsearch(&word, number_words, ARRAY_LEN(number_words), sizeof(number_words[0]), compare) !=
	       NULL;
}

/* Of eight bytes, is one 0x30 to 0x3f? */
static bool has_digits(uint64_t x)
{
	return (x << 2 & x << 3 & ~x & ~(x << 1) & BYTES8_HIGHS) != 0;
}

/* How long the next word is cannot be foreseen: no loop over its bytes where there is no digit among them. */
static bool may_have_digit(struct str word, struct cls_term_bytes first)
{
	return word.n > 16 || has_digits(first.low) || has_digits(first.high);
}

static bool has_digit(struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] >= '0' && word.p[i] <= '9')
			return true;
	return false;
}

bool number_is_word(const struct number_looks *l, struct str word)
{
	struct cls_term_bytes first = cls_term_bytes((const unsigned char *)word.p, word.n);

	return (may_have_digit(word, first) && has_digit(word)) ||
	       (is_taken(l, place_of(first)) && is_written_out(word));
}

bool number_is_one_character(struct str written)
{
	uint32_t cp;

	utf8_decode(written, &cp);
	for (size_t i = 0; i < ARRAY_LEN(number_characters); i++)
		if (number_characters[i] == cp)
			return true;
	return false;
}
