# daemon/pipe/revise.c: a withdrawal is not remembered
/^static bool withdraw(/,/^}/s/row->withdrawn = true;/row->withdrawn = false;/
