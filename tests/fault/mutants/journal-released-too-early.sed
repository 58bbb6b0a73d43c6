# daemon/store/journal.c failure_heals: segments are recycled that a consumer still needs
/^bool journal_release/,/^}/s/first_lsn <= lsn + 1/first_lsn <= lsn + 6/
