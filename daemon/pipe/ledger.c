/* ledger: one line per poll. */
#include "daemon/pipe/ledger.h"

#include "daemon/base/date.h"
#include "daemon/base/json.h"

static void write_time(struct json *w, const char *key, int64_t ms)
{
	char text[DATE_TEXT_MAX];

	json_key_string(w, key, str_of(text, date_format_ms(ms, text)));
}

static void write_flag(struct json *w, const char *key, bool flag)
{
	if (!flag)
		return;
	json_key(w, key);
	json_bool(w, true);
}

static void write_count(struct json *w, const char *key, uint64_t n)
{
	json_key(w, key);
	json_u64(w, n);
}

/* A page of the way back over a gap, and how the way ended. */
static void write_archive(struct json *w, const struct ledger_line *l)
{
	write_count(w, "archive", l->page);
	write_time(w, "gap_at", l->closes);
	json_key_string_opt(w, "archive_end", str_from(walk_end_name(l->walk_end)));
}

static void write_members(struct json *w, const struct ledger_line *l)
{
	write_time(w, "at", l->at);
	json_key_string(w, "feed", l->feed);
	json_key_string_opt(w, "asked_by", l->asked_by);
	json_key_string_opt(w, "url", l->url);
	write_count(w, "status", l->status);
	json_key_string(w, "result", str_from(poll_result_name(l->result)));
	if (l->error->kind != ERR_NONE) {
		json_key_string(w, "kind", str_from(err_kind_name(l->error->kind)));
		json_key_string(w, "error", str_from(l->error->text));
	}
	if (l->result == POLL_OK) {
		write_count(w, "items", l->items);
		write_count(w, "new", l->fresh);
		write_count(w, "overlap", l->overlap);
		if (l->revised)
			write_count(w, "revised", l->revised);
		if (l->withdrawn)
			write_count(w, "withdrawn", l->withdrawn);
		if (l->held)
			write_count(w, "held", l->held);
		if (l->left)
			write_count(w, "left", l->left);
	}
	json_key_string_opt(w, "tie", str_from(tie_name(l->tie)));
	if (l->page)
		write_archive(w, l);
	write_count(w, "bytes", l->bytes);
	json_key_int(w, "ms", l->elapsed);
	write_flag(w, "whole", l->whole);
	write_flag(w, "pushed", l->pushed);
	write_flag(w, "recovered", l->recovered);
	write_flag(w, "incomplete", l->incomplete);
	write_flag(w, "gap", l->tie == TIE_GAP);
	write_time(w, "next", l->next);
}

void ledger_write(const struct ledger_line *l, struct chain *chain, struct buf *out)
{
	struct chain_line line;

	write_members(chain_line_open(&line, chain, out), l);
	chain_line_close(&line);
}
