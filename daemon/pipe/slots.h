/* slots: things in flight by id, so that a late or repeated answer finds nothing instead of something that was freed. */
#ifndef PIPE_SLOTS_H
#define PIPE_SLOTS_H

#include <stddef.h>
#include <stdint.h>

struct slots { /* zeros: empty */
	struct slot *at;
	uint32_t room, first_free; /* place + 1; 0: none */
	uint64_t serial;
};

uint64_t slots_take(struct slots *s, void *what); /* its id, never 0; 0: memory */
void *slots_find(const struct slots *s, uint64_t id); /* NULL: gone */
void slots_release(struct slots *s, uint64_t id);
/* The next one at or after place *i; moves *i behind it. NULL: no more. */
void *slots_each(const struct slots *s, uint32_t *i);
void slots_fini(struct slots *s);

#endif
