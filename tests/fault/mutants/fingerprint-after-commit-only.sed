# daemon/pipe/apply.c 113-case-crash: the text of a record is forgotten when it is rolled forward
/^static bool apply_item/,/^}/s/(item\.case_item\.n \&\&/(a->live \&\& item.case_item.n \&\&/
