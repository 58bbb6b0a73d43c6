/* Any bytes as a date: what is read can be written and read again as the same instant. */
#include "daemon/base/date.h"

#include <assert.h>
#include <stdint.h>

#define YEAR_0_MS (-62167219200000ll)
#define YEAR_10000_MS 253402300800000ll

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_of(data, size);
	struct date d;
	char out[DATE_TEXT_MAX];
	int64_t ms;
	if (date_parse(text, 480, &d)) {
		assert(d.ms != DATE_NONE && d.ms >= YEAR_0_MS - 86400000 && d.ms <= YEAR_10000_MS + 86400000);
		if (d.ms >= YEAR_0_MS && d.ms < YEAR_10000_MS) {
			size_t n = date_format_ms(d.ms, out);
			assert(date_parse_rfc3339(str_of(out, n), &ms) && ms == d.ms);
		}
	}
	(void)date_parse_http(text, 1700000000000, &ms);
	(void)date_parse_human(text, 1700000000000, &ms);
	(void)date_parse_rfc3339(text, &ms);
	return 0;
}
