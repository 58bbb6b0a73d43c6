/* letters: a delivery that is given up becomes a line in `dead-letters` first, and dead in the state by that line's entry. */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "daemon/pipe/storage.h"

#define LETTER_ROOM (16u << 10) /* bytes: a letter without its records; its texts are names and an error */

/* Every other member of a letter is far shorter than a line: a letter that is too long is so by its records. */
static bool has_room(const struct state_delivery *row)
{
	return row->line.n + LETTER_ROOM <= JOURNAL_LINE_MAX;
}

/* One record as it is; of several a list. */
static void write_records(struct json *w, const struct state_delivery *row)
{
	struct str rest = str_trim(row->line);

	if (!has_room(row)) {
		json_key(w, "record_seq");
		json_u64(w, row->seq);
		return;
	}

	if (row->kind == DELIVERY_OF_RECORD) {
		json_key(w, "record");
		json_raw(w, rest);
		return;
	}
	json_key(w, "records");
	json_open_array(w);
	while (rest.n)
		json_raw(w, str_cut(&rest, '\n'));
	json_close_array(w);
}

static void write_letter(struct engine *x, const struct delivery *d, struct buf *out)
{
	struct chain_line line;
	struct json *w = chain_line_open(&line, &x->commits.next.letters, out);
	char at[DATE_TEXT_MAX];

	json_key_string(w, "at", str_of(at, date_format_ms(wall(x), at)));
	json_key_string(w, "alert", d->row.alert);
	json_key_string(w, "delivery", d->row.key);
	json_key_int(w, "attempts", d->row.attempts);
	json_key_string(w, "error", str_from(d->error));
	write_records(w, &d->row);
	chain_line_close(&line);
}

static bool add_letter(struct engine *x, struct delivery *d, struct err *e)
{
	struct commits *c = &x->commits;
	struct letter_entry m = {
		.key = d->row.key, .attempts = d->row.attempts, .error = str_from(d->error)
	};
	struct journal_entry entry = { .type = ENTRY_LETTER, .routes = STR(STORE_DEAD_LETTERS) };

	buf_reset(&c->line);
	buf_reset(&c->meta);
	write_letter(x, d, &c->line);
	m.seq = c->next.letters.seq;
	letter_entry_encode(&m, &c->meta);
	if (c->line.failed || c->meta.failed)
		return err_nomem(e);
	entry.line = buf_view(&c->line);
	entry.meta = buf_view(&c->meta);
	d->phase = DELIVERY_LETTER;
	return journal_group_add(c->group, &entry, e);
}

void alerts_recover(struct engine *x, struct str key)
{
	struct delivery *d;

	for (uint32_t i = 0; (d = delivery_in_phase(x, &i, DELIVERY_DYING));)
		if (str_eq(d->row.key, key))
			delivery_free(x, &d);
}

bool alerts_owe_letters(const struct engine *x)
{
	uint32_t i = 0;

	return delivery_in_phase(x, &i, DELIVERY_DYING) != NULL;
}

bool alerts_add_letters(struct engine *x, struct err *e)
{
	struct delivery *d;

	for (uint32_t i = 0; !commit_is_full(x) && (d = delivery_in_phase(x, &i, DELIVERY_DYING));)
		if (!add_letter(x, d, e))
			return false;
	return true;
}

void alerts_letters_done(struct engine *x, bool durable)
{
	struct delivery *d;

	for (uint32_t i = 0; (d = delivery_in_phase(x, &i, DELIVERY_LETTER));) {
		d->phase = DELIVERY_DYING;
		if (durable)
			delivery_free(x, &d);
	}
}
