/*
 * memory: notices when libxml2 or jansson were refused memory. Neither of them always says so: under a failed allocation both can hand over less than
 * was there as if it were all.
 */
#ifndef FEED_MEMORY_PRIV_H
#define FEED_MEMORY_PRIV_H

#include <stdbool.h>

void memory_init(void); /* once per process, before libxml2 and jansson are used */
void memory_watch(void); /* from now on, in this thread */
bool memory_refused(void); /* since memory_watch */

#endif
