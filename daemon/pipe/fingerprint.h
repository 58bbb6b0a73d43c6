/*
 * fingerprint: what is kept of a text to know it again when another publisher brings it: a pure function of title and text, made by the worker.
 * Words, or characters of scripts that are read so, by three (MinHash); and the words of the title, the numbers and the names as small sets. Two are the
 * same text when nearly all of the threes agree and of title, numbers and names neither puts something in the place of what the other has: releases
 * are made from templates, and differ by little else.
 */
#ifndef PIPE_FINGERPRINT_H
#define PIPE_FINGERPRINT_H

#include "classifiers/cls_token.h"
#include "daemon/base/buf.h"
#include "daemon/pipe/number_words.h"

#include <stdint.h>

#define FINGERPRINT_SAMPLES 64
#define FINGERPRINT_BANDS                                                                                    \
	8 /* of four samples: texts that agree in nine of ten share one but for one pair in five thousand */
#define FINGERPRINT_SET 24 /* smallest hashes that are kept of a set */
#define FINGERPRINT_LEN                                                                                      \
	(1 + 8 + 4 * FINGERPRINT_BANDS + FINGERPRINT_SAMPLES +                                               \
	    3 * (1 + 2 * FINGERPRINT_SET)) /* bytes of one encoded */

enum fingerprint_kind {
	FINGERPRINT_NONE, /* says too little to be known again */
	FINGERPRINT_SHORT, /* a headline: only the very same words count, and only for a day */
	FINGERPRINT_WORDS,
	FINGERPRINT_CHARACTERS, /* most of it is read by characters */
	FINGERPRINT_KINDS
};

struct fingerprint_set { /* the smallest hashes, ascending; FINGERPRINT_SET of them: there may be more */
	uint8_t count;
	uint16_t at[FINGERPRINT_SET];
};

struct fingerprint {
	enum fingerprint_kind kind;
	uint64_t exact; /* of all words of title and text */
	uint32_t bands[FINGERPRINT_BANDS];
	uint8_t samples[FINGERPRINT_SAMPLES];
	struct fingerprint_set title, numbers, names;
};

/* The same for every text. */
struct fingerprint_tools {
	struct number_looks numbers;
	uint32_t marks[FINGERPRINT_SAMPLES]; /* spread evenly */
};

/* For one who has the tokens at hand: begin, see all blocks of the title and then those of the text, finish. */
struct fingerprint_reading {
	struct fingerprint *f;
	struct str title, text;
	const struct fingerprint_tools *tools;
	int32_t minima[FINGERPRINT_SAMPLES];
	uint32_t threes[CLS_BLOCK]; /* of a block */
	size_t three_count;
	uint64_t last[2]; /* the two tokens before */
	uint64_t number; /* characters of a number so far; 0: none */
	bool in_text; /* the title has ended */
	size_t tokens; /* of the title, then of the text */
	size_t words, characters; /* of title and text */
	size_t text_words, text_characters;
};
void fingerprint_tools_init(struct fingerprint_tools *t);
void fingerprint_begin(struct fingerprint_reading *r, const struct fingerprint_tools *t, struct str title,
    struct str text, struct fingerprint *out);
void fingerprint_see(struct fingerprint_reading *r, bool in_text, const struct cls_tokens *block);
void fingerprint_finish(struct fingerprint_reading *r);

void fingerprint_of(struct str title, struct str text, struct fingerprint *out);
bool fingerprint_same(const struct fingerprint *a, const struct fingerprint *b);

void fingerprint_encode(const struct fingerprint *f, struct buf *out);
bool fingerprint_decode(struct str bytes, struct fingerprint *out) MUST_CHECK;

#endif
