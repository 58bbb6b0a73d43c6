/* hook_frame: encoding only. */
#include "daemon/run/hook_frame.h"

static void encode_words(char *const *words, struct buf *out)
{
	uint32_t n = 0;
	while (words[n] != NULL)
		n++;
	buf_le32(out, n);
	for (uint32_t i = 0; i < n; i++)
		buf_str32(out, str_from(words[i]));
}

/* NULL: too many, a NUL inside, or no memory. */
static char **decode_words(struct rd *r, struct arena *a)
{
	uint32_t n = rd_le32(r);
	if (r->failed || n > HOOK_WORDS_MAX)
		return NULL;
	char **words = arena_zalloc(a, (n + 1) * sizeof(*words));
	for (uint32_t i = 0; i < n && words != NULL; i++) {
		struct str word = rd_str32(r);
		if (r->failed || str_find_byte(word, '\0', 0) != SIZE_MAX)
			return NULL;
		words[i] = arena_cstr(a, word);
	}
	return words;
}

void hook_request_encode(const struct hook_request *r, struct buf *out)
{
	buf_le64(out, (uint64_t)r->timeout_ms);
	buf_le64(out, r->output_max);
	buf_str32(out, str_from(r->stream));
	encode_words(r->argv, out);
	encode_words(r->env, out);
	buf_str32(out, r->input);
}

bool hook_request_decode(struct str frame, struct arena *a, struct hook_request *r, struct err *e)
{
	struct rd in = { frame.p, frame.n, false };
	r->timeout_ms = (int64_t)rd_le64(&in);
	r->output_max = (size_t)rd_le64(&in);
	struct str stream = rd_str32(&in);
	r->stream = stream.n > 0 ? arena_cstr(a, stream) : NULL;
	r->argv = decode_words(&in, a);
	r->env = r->argv ? decode_words(&in, a) : NULL;
	r->input = rd_str32(&in);
	if (in.failed || in.n != 0 || r->env == NULL || arena_failed(a))
		return err_set(e, ERR_PARSE, 0, "hook request cannot be read");
	if (r->argv[0] == NULL || r->argv[0][0] != '/')
		return err_set(e, ERR_PARSE, 0, "hook request without an absolute path to run");
	if (r->timeout_ms <= 0 || r->output_max > HOOK_OUTPUT_MAX)
		return err_set(e, ERR_LIMIT, 0, "hook request beyond its limits");
	return true;
}

void hook_result_encode(const struct hook_result *r, struct buf *out)
{
	buf_le32(out, (uint32_t)r->exit_status);
	buf_le32(out, (uint32_t)r->signal);
	buf_le32(out, r->timed_out);
	buf_str32(out, str_from(r->failure));
	buf_str32(out, r->output);
}

bool hook_result_decode(struct str frame, struct arena *a, struct hook_result *r, struct err *e)
{
	struct rd in = { frame.p, frame.n, false };
	r->exit_status = (int)rd_le32(&in);
	r->signal = (int)rd_le32(&in);
	r->timed_out = rd_le32(&in) != 0;
	struct str failure = rd_str32(&in);
	r->failure = failure.n > 0 ? arena_cstr(a, failure) : NULL;
	r->output = rd_str32(&in);
	if (in.failed || in.n != 0 || arena_failed(a))
		return err_set(e, ERR_PARSE, 0, "answer of the hook runner cannot be read");
	return true;
}
