# daemon/pipe/alerts.c 129-: a clock that is set back in this life is not noticed
s/now >= x->alerts.looked_at - CLOCK_SLACK_MS/true/
