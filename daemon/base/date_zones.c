/* date_zones: names of time zones and what they are worth. Where a name means several, RFC 5322's or the most common one in feeds is taken. */
#include "daemon/base/date_priv.h"

/* minutes east of UTC in winter; saving: the rule by which summer adds an hour. Names in lower case. */
static const struct zone {
	const char *names; /* blanks between them */
	int minutes;
	enum date_saving saving;
} zones[] = {
	{ "z ut utc gmt wet gmt0 zulu", 0, DATE_SAVING_NONE },
	{ "etc/gmt etc/utc etc/uct universal iceland atlantic/reykjavik africa/abidjan africa/accra "
	  "africa/dakar",
	    0, DATE_SAVING_NONE },
	{ "cet met mez bst west wat", 60, DATE_SAVING_NONE },
	{ "cest mest mesz eet sast cat", 120, DATE_SAVING_NONE },
	{ "eest msk eat trt idt", 180, DATE_SAVING_NONE },
	{ "irst", 210, DATE_SAVING_NONE },
	{ "msd gst samt azt get", 240, DATE_SAVING_NONE },
	{ "aft", 270, DATE_SAVING_NONE },
	{ "pkt uzt yekt mvt", 300, DATE_SAVING_NONE },
	{ "ist slst", 330, DATE_SAVING_NONE },
	{ "npt", 345, DATE_SAVING_NONE },
	{ "omst bdt btt almt", 360, DATE_SAVING_NONE },
	{ "mmt", 390, DATE_SAVING_NONE },
	{ "wib ict krat novt", 420, DATE_SAVING_NONE },
	{ "hkt sgt myt pht wita irkt awst bnt ulat", 480, DATE_SAVING_NONE },
	{ "jst kst wit yakt tlt", 540, DATE_SAVING_NONE },
	{ "acst", 570, DATE_SAVING_NONE },
	{ "aest vlat chst pgt", 600, DATE_SAVING_NONE },
	{ "acdt", 630, DATE_SAVING_NONE },
	{ "aedt sbt magt", 660, DATE_SAVING_NONE },
	{ "nzst fjt pett", 720, DATE_SAVING_NONE },
	{ "nzdt", 780, DATE_SAVING_NONE },
	{ "azot cvt", -60, DATE_SAVING_NONE },
	{ "fnt", -120, DATE_SAVING_NONE },
	{ "ndt", -150, DATE_SAVING_NONE },
	{ "adt brt art uyt gft clst", -180, DATE_SAVING_NONE },
	{ "nst", -210, DATE_SAVING_NONE },
	{ "ast edt clt bot vet gyt", -240, DATE_SAVING_NONE },
	{ "est cdt cot pet ect", -300, DATE_SAVING_NONE },
	{ "cst mdt", -360, DATE_SAVING_NONE },
	{ "mst pdt", -420, DATE_SAVING_NONE },
	{ "pst akdt", -480, DATE_SAVING_NONE },
	{ "akst", -540, DATE_SAVING_NONE },
	{ "hst hast", -600, DATE_SAVING_NONE },
	/* Names of both halves of the year */
	{ "at america/halifax canada/atlantic", -240, DATE_SAVING_US },
	{ "et us/eastern america/new_york america/toronto america/detroit canada/eastern", -300,
	    DATE_SAVING_US },
	{ "ct us/central america/chicago america/winnipeg canada/central", -360, DATE_SAVING_US },
	{ "mt us/mountain america/denver america/edmonton canada/mountain", -420, DATE_SAVING_US },
	{ "pt us/pacific america/los_angeles america/vancouver canada/pacific", -480, DATE_SAVING_US },
	{ "america/anchorage us/alaska", -540, DATE_SAVING_US },
	{ "europe/london europe/dublin europe/lisbon europe/belfast gb", 0, DATE_SAVING_EU },
	{ "europe/amsterdam europe/andorra europe/belgrade europe/berlin europe/bratislava europe/brussels "
	  "europe/budapest "
	  "europe/copenhagen europe/gibraltar europe/ljubljana europe/luxembourg europe/madrid europe/malta "
	  "europe/monaco "
	  "europe/oslo europe/paris europe/prague europe/rome europe/sarajevo europe/skopje europe/stockholm "
	  "europe/tirane "
	  "europe/vaduz europe/vatican europe/vienna europe/warsaw europe/zagreb europe/zurich",
	    60, DATE_SAVING_EU },
	{ "europe/athens europe/bucharest europe/helsinki europe/kiev europe/kyiv europe/riga europe/sofia "
	  "europe/tallinn "
	  "europe/vilnius asia/nicosia",
	    120, DATE_SAVING_EU },
	{ "africa/johannesburg africa/maputo africa/harare europe/kaliningrad", 120, DATE_SAVING_NONE },
	{ "africa/lagos africa/luanda africa/kinshasa", 60, DATE_SAVING_NONE },
	{ "europe/moscow europe/minsk europe/istanbul asia/istanbul asia/riyadh asia/baghdad asia/kuwait "
	  "asia/qatar "
	  "africa/nairobi africa/addis_ababa",
	    180, DATE_SAVING_NONE },
	{ "asia/dubai asia/baku asia/tbilisi asia/yerevan", 240, DATE_SAVING_NONE },
	{ "asia/karachi asia/tashkent asia/yekaterinburg", 300, DATE_SAVING_NONE },
	{ "asia/kolkata asia/calcutta asia/colombo", 330, DATE_SAVING_NONE },
	{ "asia/kathmandu", 345, DATE_SAVING_NONE },
	{ "asia/dhaka", 360, DATE_SAVING_NONE },
	{ "asia/bangkok asia/jakarta asia/ho_chi_minh asia/saigon asia/phnom_penh", 420, DATE_SAVING_NONE },
	{ "asia/hong_kong hongkong asia/shanghai asia/chongqing asia/urumqi asia/macau asia/taipei "
	  "asia/singapore singapore "
	  "asia/kuala_lumpur asia/manila asia/makassar australia/perth prc",
	    480, DATE_SAVING_NONE },
	{ "asia/tokyo japan asia/seoul rok", 540, DATE_SAVING_NONE },
	{ "australia/brisbane", 600, DATE_SAVING_NONE },
	{ "america/sao_paulo america/argentina/buenos_aires america/buenos_aires america/montevideo "
	  "america/bahia",
	    -180, DATE_SAVING_NONE },
	{ "america/caracas america/la_paz america/manaus america/puerto_rico", -240, DATE_SAVING_NONE },
	{ "america/bogota america/lima america/panama america/jamaica america/guayaquil", -300,
	    DATE_SAVING_NONE },
	{ "america/costa_rica america/guatemala america/el_salvador america/regina", -360, DATE_SAVING_NONE },
	{ "america/phoenix us/arizona", -420, DATE_SAVING_NONE },
	{ "pacific/honolulu us/hawaii", -600, DATE_SAVING_NONE },
};

bool date_zone_of(struct str folded, struct date_word *out)
{
	/* RFC 5322 section 4.3: military letters were defined the wrong way round once and say nothing: UTC. 'j' is none. */
	if (folded.n == 1)
		return out->zone = folded.p[0] >= 'a' && folded.p[0] <= 'z' && folded.p[0] != 'j';
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		struct str rest = str_from(zones[i].names);
		while (rest.p) {
			if (!str_eq(str_cut(&rest, ' '), folded))
				continue;
			out->zone = true;
			out->value = zones[i].minutes;
			out->saving = zones[i].saving;
			return true;
		}
	}
	return false;
}

/* The n-th Sunday of a month from its start (n > 0), or its last one (n == 0), in days. */
static int64_t sunday(int year, int month, int n)
{
	if (n == 0) {
		int64_t last = date_days(year, month, date_month_length(year, month));
		return last - date_weekday(last);
	}
	int64_t first = date_days(year, month, 1);
	return first + (7 - date_weekday(first)) % 7 + 7 * (n - 1);
}

/* Local days on which summer begins and ends; both change at two o'clock or near it, which no release is stamped with. */
static const struct {
	int begin_month, begin_sunday, end_month, end_sunday;
} rules[DATE_SAVINGS] = {
	[DATE_SAVING_US] = { 3, 2, 11, 1 }, /* since 2007 */
	[DATE_SAVING_EU] = { 3, 0, 10, 0 }, /* since 1996 */
};

int date_saving_minutes(enum date_saving saving, int64_t local_ms)
{
	int year, month, day;
	if (saving == DATE_SAVING_NONE)
		return 0;
	int64_t shifted = local_ms - 2 * DATE_HOUR_MS;
	int64_t days = shifted / DATE_DAY_MS - (shifted % DATE_DAY_MS < 0);
	date_civil(days, &year, &month, &day);
	int64_t begin = sunday(year, rules[saving].begin_month, rules[saving].begin_sunday);
	int64_t end = sunday(year, rules[saving].end_month, rules[saving].end_sunday);
	if (saving == DATE_SAVING_US && year < 2007) {
		begin = sunday(year, 4, 1);
		end = sunday(year, 10, 0);
	}
	return days >= begin && days < end ? 60 : 0;
}
