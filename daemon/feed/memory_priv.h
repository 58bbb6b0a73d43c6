/*
 * memory: notices when libxml2 was refused memory. It does not always say so: under a failed allocation it can hand over less than was there as if it
 * were all.
 */
#ifndef FEED_MEMORY_PRIV_H
#define FEED_MEMORY_PRIV_H

#include <stdbool.h>

void memory_init(void); /* once per process, before libxml2 is used */
void memory_watch(void); /* from now on, in this thread */
bool memory_refused(void); /* since memory_watch */

#endif
