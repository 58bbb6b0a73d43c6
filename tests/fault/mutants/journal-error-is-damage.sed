# daemon/store/journal_segment.c recovery_fails: a read that fails is taken for damage, and its entries are passed over
/^bool segment_next_group/,/^}/s/return err_set(e, ERR_IO, errno, "journal: read");/continue;/
