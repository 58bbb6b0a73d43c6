/* memory: allocators for libxml2 that remember a refusal. */
#include "daemon/feed/memory_priv.h"

#include <libxml/xmlmemory.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local bool refused;

static void *noticed(void *p)
{
	if (!p)
		refused = true;
	return p;
}

static void *memory_new(size_t n)
{
	return noticed(malloc(n));
}

static void *memory_grow_new(void *p, size_t n)
{
	return noticed(realloc(p, n));
}

static char *text_new(const char *s)
{
	return noticed(strdup(s));
}

void memory_init(void)
{
	xmlMemSetup(free, memory_new, memory_grow_new, text_new);
}

void memory_watch(void)
{
	refused = false;
}

bool memory_refused(void)
{
	return refused;
}
