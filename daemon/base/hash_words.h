/* hash_words: hash64 of a word or of so many 64-bit words, in line: the same numbers, a third of the time where every word of every text needs some. */
#ifndef BASE_HASH_WORDS_H
#define BASE_HASH_WORDS_H

#define XXH_INLINE_ALL /* and with a length that the compiler knows */
#include <stdint.h>
#include <xxhash.h>

static inline uint64_t hash64_word(uint64_t word, uint64_t seed)
{
	return XXH3_64bits_withSeed(&word, sizeof(word), seed);
}

/* Of few bytes, and some. */
static inline uint64_t hash64_bytes(const char *p, size_t n)
{
	return XXH3_64bits(p, n);
}

static inline uint64_t hash64_three(const uint64_t three[3])
{
	return XXH3_64bits(three, 3 * sizeof(three[0]));
}

#endif
