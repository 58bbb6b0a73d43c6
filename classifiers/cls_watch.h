/* cls_watch: classifying, for a caller within the house who needs the tokens too: they are made once. */
#ifndef CLS_WATCH_H
#define CLS_WATCH_H

#include "classifiers/classify.h"
#include "classifiers/cls_token.h"

/* Blocks of the title's tokens, then of the text's, as they are read. */
typedef void cls_tokens_f(void *ctx, enum cls_field field, const struct cls_tokens *block);
struct cls_watcher {
	cls_tokens_f *on_tokens;
	void *ctx;
};

/* As cls_classify. w: or NULL. */
bool cls_classify_watched(const struct classifier *c, struct cls_scratch *s, const struct cls_input *in,
    const struct cls_watcher *w, struct cls_result *out, struct cls_error *e);

#endif
