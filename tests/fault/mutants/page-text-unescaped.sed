# daemon/page/markup.c hostile_records: what begins a tag is written as it is
/^static const char \*entity_of/,/^}/s/"&lt;"/NULL/
