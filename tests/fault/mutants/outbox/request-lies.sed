# daemon/pipe/requests.c 133-retry-beside-fold: what a request lets go begins only when the state is durable
/^static bool finish_at_once/,/^}/s|x->alerts.next_due = INT64_MIN;||
