/* scenario's inside: shared by the interpreter, its documents and its expectations. */
#ifndef FAKE_SCENARIO_PRIV_H
#define FAKE_SCENARIO_PRIV_H

#include "tests/fake/scenario.h"
#include "tests/fake/world.h"

#define WORDS_MAX 200
#define ITEMS_MAX 512
#define ENTRIES_MAX 256

struct item {
	char name[64], guid[256], link[256], title[256], date[64], text[2048];
	int64_t size; /* bytes of filling behind the text */
};

struct entry { /* a feed or an alert of the configuration */
	char name[64], url[256];
	char yaml[1024];
};

struct setting {
	char section[32], key[32], value[128];
};

struct scenario {
	struct world w;
	struct item items[ITEMS_MAX];
	size_t item_count;
	struct entry feeds[ENTRIES_MAX], alerts[ENTRIES_MAX];
	size_t feed_count, alert_count;
	struct setting settings[64];
	size_t setting_count;
	int64_t began; /* monotonic */
	unsigned long published; /* items, by `publish` */
	int line;
	struct sqlite3 *writer; /* another one of the state's; NULL: none */
	struct scenario_result *out;
};

struct words {
	char *at[WORDS_MAX];
	size_t n;
};

/* Fills the result's failure; always false. */
bool scenario_fail(struct scenario *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool scenario_time(struct scenario *s, const char *text, int64_t *ms);
struct entry *scenario_feed(struct scenario *s, const char *name); /* NULL and a failure: there is none */

/* scenario_documents.c */
bool scenario_item(struct scenario *s, const struct words *w);
bool scenario_serve(struct scenario *s, const struct words *w);
bool scenario_publish(struct scenario *s, const char *url);
/* The address of a feed, or the word itself when it is one; NULL and a failure: neither. */
const char *scenario_address(struct scenario *s, const char *word);

/* The items from this word on. */
void scenario_document(struct scenario *s, const struct words *w, size_t from, struct buf *out);

/* scenario_hub.c */
bool scenario_verify(struct scenario *s, const struct words *w);
bool scenario_push(struct scenario *s, const struct words *w);
bool scenario_expect_answer(struct scenario *s, const struct words *w);
bool scenario_expect_hub(struct scenario *s, const struct words *w);

/* scenario_requests.c */
bool scenario_remove_state(struct scenario *s, const struct words *w);
bool scenario_save_state(struct scenario *s, const struct words *w); /* a backup */
bool scenario_restore_state(struct scenario *s, const struct words *w);
bool scenario_lock_state(struct scenario *s, const struct words *w);
bool scenario_damage_store(struct scenario *s, const struct words *w);
bool scenario_fold_state(struct scenario *s, const struct words *w);
bool scenario_unsynced_state(struct scenario *s, const struct words *w);
bool scenario_release_state(struct scenario *s, const struct words *w);
bool scenario_damage_rows(struct scenario *s, const struct words *w);
bool scenario_request(struct scenario *s, const struct words *w);
bool scenario_request_odd(struct scenario *s, const struct words *w);
bool scenario_replay(struct scenario *s, const struct words *w);
bool scenario_expect_files(struct scenario *s, const struct words *w);
bool scenario_expect_replayed(struct scenario *s, const struct words *w);
bool scenario_expect_fingerprints(struct scenario *s, const struct words *w);

/* scenario_expect.c. *known: it is an expectation. */
bool scenario_expect(struct scenario *s, const struct words *w, bool *known);

#endif
