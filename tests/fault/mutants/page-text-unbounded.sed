# daemon/page/markup.c large: a text is cut by what it is, not by what it becomes
/^struct str markup_fit/,/^}/s/made > room/n > room/
