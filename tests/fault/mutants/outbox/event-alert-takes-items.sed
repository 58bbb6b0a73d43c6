# daemon/pipe/rules.c 140-event-alert: an alert on events alone is raised by every match
s/return a->topic_count > 0 || a->event_count == 0;/return true;/
