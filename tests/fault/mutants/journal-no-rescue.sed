# daemon/store/journal_open.c recovery_is_believed: the last group is believed to be on the disk because it can be read
/^static bool recover/,/^}/s/last.offset == 0 || rescue_group(j, fd, &last, e)/true/
