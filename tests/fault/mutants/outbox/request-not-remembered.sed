# daemon/pipe/reviews.c 131-review-killed: a review that was written is not remembered: after a crash it is written again
s/ && requests_remember(x, r\.request, e);/;/
