/* tie_names: what ties are called in the ledger, and which of them hold. For those who write it and those who read it. */
#include "daemon/pipe/tie.h"

#include "daemon/base/attr.h"

static const char *const names[] = {
	[TIE_NOTHING_READ] = "",
	[TIE_FIRST] = "first",
	[TIE_NOT_MODIFIED] = "not_modified",
	[TIE_SAME] = "same",
	[TIE_OVERLAP] = "overlap",
	[TIE_KNOWN] = "known",
	[TIE_EMPTY] = "empty",
	[TIE_ARCHIVE] = "archive",
	[TIE_AFTER_EMPTY] = "after_empty",
	[TIE_MOVED] = "moved",
	[TIE_CUT] = "cut",
	[TIE_GAP] = "gap",
};
_Static_assert(ARRAY_LEN(names) == TIES, "a name for every tie");

const char *tie_name(enum tie t)
{
	return names[t];
}

enum tie tie_from(struct str name)
{
	int t = TIE_FIRST;

	while (t < TIES && !str_eq(name, str_from(names[t])))
		t++;
	return (enum tie)t;
}

bool tie_holds(enum tie t)
{
	return t >= TIE_NOT_MODIFIED && t <= TIE_ARCHIVE;
}
