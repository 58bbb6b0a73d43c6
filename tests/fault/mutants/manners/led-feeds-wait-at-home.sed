# daemon/pipe/roster.c 057-led-to-one-host: who is known to be led to another host does not wait for its turn there
s#f->away = led_to(x, f);#f->away = NULL;#
