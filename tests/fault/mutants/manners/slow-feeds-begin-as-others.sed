# daemon/pipe/lanes.c 054-slow-feeds: feeds that let us wait take the places of others
s#return f->was_slow || f->reads_slowly || f->state.failures ? LANE_SLOW : LANE_PROMPT;#return LANE_PROMPT;#
