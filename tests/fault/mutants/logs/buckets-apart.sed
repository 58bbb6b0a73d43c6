# daemon/page/metrics.c: a bucket does not hold what is in the ones before it
s/all += json_number_value/all = json_number_value/
