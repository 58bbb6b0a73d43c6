# daemon/page/marks.c hostile_records: evidence may reach beyond the text
/^static void take/,/^}/s/ || (size_t)length > text.n - (size_t)start//
