# daemon/pipe/apply.c 110-case: an alert is owed for each source of a case
/^static bool apply_item/,/^}/s/item\.delivery/item.key/
