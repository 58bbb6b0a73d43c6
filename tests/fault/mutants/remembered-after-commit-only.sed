# daemon/pipe/apply.c 103-revision-restart: what is remembered of an item is lost when it is rolled forward
/^static bool apply_item/,/^}/s/(item\.remembered\.n \&\&/(a->live \&\& item.remembered.n \&\&/
