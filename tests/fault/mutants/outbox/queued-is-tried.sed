# daemon/pipe/delivery.c 089-alert-stream-turns: a line counts as tried when it is queued for its stream, so that retry_for is over before its turn comes
s/d->queued = is_behind(x, d, a);/d->queued = is_behind(x, d, a) \&\& false;/
