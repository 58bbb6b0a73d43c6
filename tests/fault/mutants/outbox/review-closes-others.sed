# daemon/pipe/reviews.c 133-review-topic: a rejection of one topic closes alerts that another one raised too
s/!n\.others || h->review/true || h->review/
