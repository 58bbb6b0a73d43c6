# daemon/pipe/rules.c 140-event: an alert on events is not kept to its feeds
s/if (wants_event(a, kind) && wants_feed(a, feed))/if (wants_event(a, kind))/
