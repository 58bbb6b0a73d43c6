/* progress: how far a long run is, on stderr while that is a terminal, and never anywhere else. */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *doing; /* "training" */
	const char *unit; /* what is counted when nobody knows how much there is: "records" */
	uint64_t step; /* that was drawn last */
	bool tells, drawn;
};

void progress_begin(struct progress *p, const char *doing, const char *unit);
/* total 0: nobody knows. Cheap enough to be called for every record. */
void progress_tell(struct progress *p, uint64_t done, uint64_t total);
/* The line stays as it is, and what is printed next begins a new one. */
void progress_end(struct progress *p);

#endif
