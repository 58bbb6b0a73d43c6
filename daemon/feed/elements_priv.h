/* elements: the table of every element that we read: where it stands, what it means, who takes it. */
#ifndef FEED_ELEMENTS_PRIV_H
#define FEED_ELEMENTS_PRIV_H

#include "daemon/feed/names_priv.h"

const struct element *elements_table(size_t *n);

#endif
