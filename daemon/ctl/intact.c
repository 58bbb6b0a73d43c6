/* intact: one pass over the line; only what is not of our writer's form is read by a parser. */
#include "daemon/ctl/intact.h"

#include "daemon/base/json_scan.h"
#include "daemon/ctl/command.h"

#include <jansson.h>
#include <sysexits.h>

bool intact(const char *file, uint64_t number, struct str line, unsigned *damages)
{
	if (json_scan(line, NULL, 0))
		return true;
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	bool good = json_is_object(record);

	json_decref(record);
	if (good)
		return true;
	++*damages;
	if (number > 0)
		ctl_fail(EX_OK, "%s:%llu: no JSON object: passed over", file, (unsigned long long)number);
	else
		ctl_fail(EX_OK, "%s: a line is no JSON object: passed over", file);
	return false;
}
