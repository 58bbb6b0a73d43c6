# daemon/pipe/archive.c tests/scenarios/test_scenarios 127
s/return walk_note_part(w, a, e);/return true;/
