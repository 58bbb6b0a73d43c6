# daemon/pipe/rules.c 140-event-alert: an alert on events is not kept to its feeds
s/if (wants_event(a, kind) && rules_want_feed(a, feed))/if (wants_event(a, kind))/
