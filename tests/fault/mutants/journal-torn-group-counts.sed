# daemon/store/journal_open.c recovery_is_hit: an unfinished group at the end is believed
/^static bool scan_newest/,/^}/s/if (!segment_read_group(/if (!segment_read_group(j->fs, fd, at, \&h, \&j->read, \&why) \&\& why.kind != ERR_NONE \&\& !segment_read_group(/
