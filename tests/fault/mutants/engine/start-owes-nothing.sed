# daemon/pipe/apply.c: entries that are rolled forward at a start raise no alert
s/^	for (alerts = item\.alerts; alerts\.n;)/	for (alerts = item.alerts; a->live \&\& alerts.n;)/
