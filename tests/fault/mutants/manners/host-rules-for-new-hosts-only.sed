# daemon/pipe/hosts.c 056-host-rules: a reload puts rules in force for hosts that come after it alone
s#^\t\t\tfind_rule(limits, x);##
