# daemon/pipe/led.c 057-led-to-one-host: what a redirect led to does not count for the pause of its host
s#host_asked(x->hosts, host, at);#;#
