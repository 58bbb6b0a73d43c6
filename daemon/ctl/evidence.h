/* evidence: what carried a decision, on a terminal: weight, rule, and the words with what stands around them. */
#ifndef CTL_EVIDENCE_H
#define CTL_EVIDENCE_H

#include "classifiers/classify.h"
#include "daemon/ctl/print.h"

void evidence_print(struct printer *p, struct str title, struct str text, const struct cls_evidence *e);

#endif
