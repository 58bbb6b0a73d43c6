/*
 * refusing_malloc: stands in for malloc, calloc and realloc of the whole program, libraries too, and refuses one of them, or all from one
 * on. It defines these functions: include it in the one file of a test program. Under a sanitizer, which owns the allocator itself,
 * nothing is refused (SWEPT is false) and the test skips its sweep.
 */
#ifndef FAULT_REFUSING_MALLOC_H
#define FAULT_REFUSING_MALLOC_H

#include "tests/fault/refusal.h"

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SWEPT false
#else
#define SWEPT true
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t each);
void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n)
{
	return refuse() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t each)
{
	return refuse() ? NULL : __libc_calloc(n, each);
}

void *realloc(void *p, size_t n)
{
	return refuse() ? NULL : __libc_realloc(p, n);
}
#endif

#endif
