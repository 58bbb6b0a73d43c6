# daemon/store/journal.c power_is_cut_after_a_failure: a commit whose sync failed is acknowledged
/^bool journal_commit/,/^}/s/if (j->fs->sync(j->fs, a->fd) < 0)/if (j->fs->sync(j->fs, a->fd) < -1)/
