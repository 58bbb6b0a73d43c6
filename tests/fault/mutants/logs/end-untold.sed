# daemon/base/log_repeat.c: what was counted since the last minute is lost at the end
s/^\t\tif (table\[i\].used && table\[i\].count > 0)$/\t\tif (table[i].used \&\& table[i].count > UINT32_MAX - 1)/
