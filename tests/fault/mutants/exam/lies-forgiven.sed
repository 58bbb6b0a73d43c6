# daemon/pipe/trust.c 154-false-304: a lie is forgotten at once
s/t->mistrusted_until = now + c->mistrust_for;/t->mistrusted_until = 0;/
