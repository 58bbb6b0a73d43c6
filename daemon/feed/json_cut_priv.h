/* json_cut: where a JSON Feed that stops short can be ended. Pure function. */
#ifndef FEED_JSON_CUT_PRIV_H
#define FEED_JSON_CUT_PRIV_H

#include "daemon/base/str.h"

/* Bytes up to the end of the last whole object in a list of the outermost object: "]}" behind them makes JSON of it when all before is. 0: there is
 * none. */
size_t json_cut(struct str s);

#endif
