# daemon/pipe/review.c 133-review-topic: the journal does not say which topic a decision is about
s/x->topic = form == FORM ? STR("") : rd_str32(&r);/x->topic = STR("");/
