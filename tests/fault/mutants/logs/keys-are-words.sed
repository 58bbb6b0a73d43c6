# daemon/base/log_repeat.c: the same trouble with each delivery is a line for each
s/fields\[i\].kind == LOG_FIELD_STR/fields[i].kind <= LOG_FIELD_VARYING/
