# daemon/store/state.c: a change of its own becomes part of what lingers
/^bool state_run/,/^}/s/!s->begun \&\& !state_settle(s, e)/0/
