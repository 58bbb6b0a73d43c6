# daemon/pipe/apply.c: entries that are rolled forward at a start are not remembered by their names
s/^	for (unsigned k = 0; k < item->alias_count; k++) {/	for (unsigned k = 0; a->live \&\& k < item->alias_count; k++) {/
