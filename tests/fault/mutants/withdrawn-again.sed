# daemon/pipe/revise.c 104-withdrawn: a withdrawal is not remembered
/^static bool withdraw(/,/^}/s/row->withdrawn = true;/row->withdrawn = false;/
