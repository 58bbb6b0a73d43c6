# daemon/pipe/review.c 133-review-topic: the journal does not say which topic a decision is about
s/x->topic = form == FORM_TOPIC ? rd_str32(&r) : STR("");/x->topic = STR("");/
