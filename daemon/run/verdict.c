/* verdict: a few members as JSON. */
#include "daemon/run/verdict.h"

#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "daemon/base/log.h"

#define COMPLAINTS_MAX (256u << 10) /* bytes: a thousand and more; those behind them are counted */
#define WORDS_MAX 4096u

void verdict_init(struct verdict *v)
{
	v->left_out = 0;
	buf_init(&v->complaints, COMPLAINTS_MAX);
	buf_init(&v->changes, WORDS_MAX);
	buf_init(&v->needs_restart, WORDS_MAX);
}

void verdict_fini(struct verdict *v)
{
	buf_fini(&v->complaints);
	buf_fini(&v->changes);
	buf_fini(&v->needs_restart);
}

void verdict_complain(void *ctx, const struct conf_error *error)
{
	struct verdict *v = ctx;
	struct buf one;
	struct json w;
	LOG_EACH(LOG_LEVEL_ERROR, "config", LOG_CSTR("file", error->file), LOG_INT("line", error->line),
	    LOG_INT("column", error->column), LOG_CSTR("reason", error->text));
	/* One without room leaves no trace, and those behind it are left out as well. */
	buf_init(&one, COMPLAINTS_MAX);
	json_init(&w, &one);
	json_open_object(&w);
	json_key_string(&w, "file", str_from(error->file));
	json_key_int(&w, "line", error->line);
	json_key_int(&w, "column", error->column);
	json_key_string(&w, "reason", str_from(error->text));
	json_close_object(&w);
	if (v->left_out > 0 || one.failed || one.n >= COMPLAINTS_MAX - v->complaints.n) {
		v->left_out++;
	} else {
		buf_str(&v->complaints, v->complaints.n > 0 ? STR(",") : STR(""));
		buf_str(&v->complaints, buf_view(&one));
	}
	buf_fini(&one);
}

void verdict_write(const struct verdict *v, bool reloaded, const char *request, int64_t now, struct buf *out)
{
	char at[DATE_TEXT_MAX];
	struct json w;
	json_init(&w, out);
	json_open_object(&w);
	json_key_int(&w, "v", 1);
	json_key_string(&w, "at", str_of(at, date_format_ms(now, at)));
	json_key_string_opt(&w, "request", str_from(request));
	json_key(&w, "reloaded");
	json_bool(&w, reloaded);
	json_key_string_opt(&w, "changes", buf_view(&v->changes));
	json_key_string_opt(&w, "needs_restart", buf_view(&v->needs_restart));
	json_key(&w, "complaints");
	json_open_array(&w);
	if (v->complaints.n > 0)
		json_raw(&w, buf_view(&v->complaints));
	json_close_array(&w);
	if (v->left_out > 0)
		json_key_int(&w, "left_out", v->left_out);
	json_close_object(&w);
	buf_byte(out, '\n');
}
