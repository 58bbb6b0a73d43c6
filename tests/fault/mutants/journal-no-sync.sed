# daemon/store/journal.c recovery_is_believed: a commit is acknowledged without a sync
/^bool journal_commit/,/^}/s/if (j->fs->sync(j->fs, a->fd) < 0)/if (false)/
