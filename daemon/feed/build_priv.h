/*
 * build: elements and text -> fields -> items. Both parsers call build_start, build_text and build_end; the rows of the element table
 * put values into slots; at the end of an item the slots become a struct feed_item and go to the sink.
 */
#ifndef FEED_BUILD_PRIV_H
#define FEED_BUILD_PRIV_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/feed/attrs_priv.h"
#include "daemon/feed/feed.h"
#include "daemon/feed/fields_priv.h"
#include "daemon/feed/names_priv.h"

#define BUILD_ARENA_MAX (24u << 20) /* bytes; all values of one item or of the feed */
#define BUILD_MARKUP_MAX 256 /* open inline elements whose tags are kept */

struct frame { /* one open element */
	const struct element *el; /* NULL: unknown */
	const struct tag *tag; /* only while the start is handled */
	struct fields *outer; /* what `fields` was before it */
	size_t text_start;
	struct str base, lang;
	uint8_t place; /* of its children */
	uint8_t slot; /* where its value goes */
	uint8_t type; /* enum value_type */
	bool takes_text;
	bool markup; /* inner elements were written into the text as markup */
	bool is_atom;
};

struct person {
	struct str name, url, email;
};

struct build {
	const struct feed_input *in;
	struct feed_meta *meta;
	struct arena *arena; /* meta's strings */
	feed_item_f *sink;
	void *ctx;

	struct fields feed, item, source, image;
	struct fields *fields; /* where values go now */
	struct person person;
	struct buf text; /* of the open elements */
	struct buf out[4]; /* finished texts of the item: title, content, content as text, summary */
	struct buf scratch;
	size_t text_left; /* bytes that this item may still have */
	struct str own_uri; /* an unknown namespace that the root used for a name that we know */
	struct str site; /* the feed's own link: base of relative references where none is stated */
	unsigned items_open; /* nested items: malformed, but seen */
	bool item_live; /* the open item has not been handed out yet */
	enum ns none_ns; /* what elements without a namespace are in this document */

	struct frame frames[FEED_DEPTH_MAX + 1];
	unsigned depth; /* frames[0] is the document */
	unsigned skip; /* open elements that are passed over */
	unsigned markup_depth, markup_over;
	bool markup_silent[BUILD_MARKUP_MAX]; /* the tag was not written */

	uint64_t suppress; /* items that a former run has handed out already */
	bool root_seen, root_done;
	bool has_c1; /* U+0080 to U+009F may occur */
	bool cut; /* text was cut at FEED_ITEM_TEXT_MAX */
	bool nomem, stop;
	bool limit; /* FEED_ITEMS_MAX */
	struct str wrong_root; /* in `arena`: the root element when it is none of a feed */
};

bool build_init(struct build *b, const struct feed_input *in, feed_item_f *sink, void *ctx,
    struct arena *arena, struct feed_meta *meta) MUST_CHECK;
void build_fini(struct build *b);
/* Begins again for the other parser; items handed out so far will not be handed out twice. */
void build_restart(struct build *b);

/* b->stop tells that the parser should end. */
void build_start(struct build *b, const struct tag *tag, const struct attrs *attrs);
void build_text(struct build *b, const char *p, size_t n);
void build_end(struct build *b, struct str name);
/* True while text is being collected: then inline HTML is expected. */
static inline bool build_in_text(const struct build *b)
{
	return b->depth > 0 && !b->skip && b->frames[b->depth].takes_text;
}

/* A place where the next n bytes of text can be written, and `slack` bytes of no meaning behind them; then build_filled tells how many it became. NULL:
 * not now, use build_text. */
char *build_room(struct build *b, size_t n, size_t slack);
void build_filled(struct build *b, size_t n);

/* Some memory was refused: nothing that was built counts. */
bool build_failed(const struct build *b);
/* After the last element: feed-level values into meta. */
void build_finish(struct build *b);
/* item.c: the slots of the open item -> sink. */
void build_item(struct build *b);
/* meta.c: the slots of the feed -> meta. */
void build_meta(struct build *b);

static inline struct frame *build_top(struct build *b)
{
	return &b->frames[b->depth];
}

struct str build_copy(struct build *b, struct str s); /* into the arena of the open fields */
struct str build_base(const struct build *b, struct str base); /* what references are resolved against */
struct str build_url(struct build *b, struct str ref); /* trimmed, resolved against the open base, copied */

enum root_kind { ROOT_NONE, ROOT_SHELL, ROOT_ELEMENT };
/* root.c: is it a feed, and which? ROOT_ELEMENT: the root is itself a channel or an entry. */
enum root_kind root_recognise(struct build *b, const struct tag *tag, const struct attrs *attrs);

#endif
