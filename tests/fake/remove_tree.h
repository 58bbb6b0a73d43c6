/* remove_tree: what a test leaves behind goes: a folder with all that is in it. */
#ifndef FAKE_REMOVE_TREE_H
#define FAKE_REMOVE_TREE_H

#include <stdbool.h>

bool remove_tree(const char *path); /* false: something of it stays, or it is not there */

#endif
