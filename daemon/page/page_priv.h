/* page: what the pages share. A page is a function of `struct asking`; it writes into the answer's body, or sets its status. */
#ifndef PAGE_PAGE_PRIV_H
#define PAGE_PAGE_PRIV_H

#include "daemon/base/member.h"
#include "daemon/page/page.h"

#define PAGE_MAX (4u << 20) /* bytes of an answer */
#define PAGE_DATA_BYTES (1u << 20) /* of a list as data, behind which it ends */
#define PAGE_LIST_BYTES (18u << 10) /* of one list on a page: two of them and the rest are below 50 KB */
#define PAGE_LOOK_BACK 20000u /* lines of a store that one request reads at most */

struct asking {
	const struct page_source *source;
	struct str name; /* what stands for * in the route, decoded */
	struct str query, last_event_id;
	bool json; /* the same as data */
	bool refused; /* the answer is an error page */
	json_t *status; /* the status file, or NULL: there is none */
	struct page_answer *answer;
};

typedef void page_f(struct asking *a);
page_f page_events, page_live;
page_f page_atom, page_json_feed, page_opml, page_metrics, page_healthz, page_readyz;
page_f page_home, page_feeds, page_feed, page_items, page_item, page_style, page_icon;
page_f page_topics, page_topic;

/* The answer becomes a small page that says so. */
void page_refuse(struct asking *a, unsigned status, const char *what);

/* A value of the query, decoded into `out`; absent: {NULL, 0}. */
struct str page_parameter(const struct asking *a, const char *name, struct buf *out);
/* Of a number; absent or none: `other`. */
uint64_t page_number(const struct asking *a, const char *name, uint64_t other);

/* What may help a feed that fails, as HTML of ours; or empty. */
struct str page_hint(const json_t *feed);

/* Wall ms of a member that is a time; DATE_NONE: none. */
int64_t page_time(const json_t *object, const char *name);

#endif
