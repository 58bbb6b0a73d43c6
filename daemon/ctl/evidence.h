/* evidence: what carried a decision: its words, what would turn it, and how it looks on a terminal. */
#ifndef CTL_EVIDENCE_H
#define CTL_EVIDENCE_H

#include "classifiers/classify.h"
#include "daemon/ctl/print.h"

void evidence_print(struct printer *p, struct str title, struct str text, const struct cls_evidence *e);
/* As they stand in the text; a view. */
struct str evidence_words(struct str title, struct str text, const struct cls_evidence *e);

/* Log-odds from the score to a match; negative: what a match has to spare. */
double evidence_gap(const struct cls_topic *topic, const struct cls_result *r);
/* The fewest pieces, heaviest first, without which it would be no match, or, of no match, those against it without which it would be one. What they
 * weigh is taken as it stands: phrases that were weaker beside them might step in. 0: there are none. */
size_t evidence_flip(const struct cls_topic *topic, const struct cls_result *r,
    const struct cls_evidence *out[CLS_EVIDENCE_MAX]);

#endif
