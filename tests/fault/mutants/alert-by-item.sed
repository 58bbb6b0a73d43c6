# daemon/pipe/apply.c: an alert is owed for each source of a case
/^static bool apply_item/,/^}/s/item\.delivery/item.key/
