# daemon/page/lines.c large_lines: where lines are large the newest are left out
/^static bool read_window/,/^}/s/return false;/break;/
