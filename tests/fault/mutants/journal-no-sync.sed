# daemon/store/journal.c: a commit is acknowledged without a sync
/^bool journal_commit/,/^}/s/if (j->fs->sync(j->fs, a->fd) < 0)/if (false)/
