/* judge: a classifier with its scratch and room for the answers: what classify, explain, eval and test share. */
#ifndef CTL_JUDGE_H
#define CTL_JUDGE_H

#include "daemon/ctl/print.h"
#include "daemon/ctl/texts.h"
#include "daemon/ctl/topics.h"

struct judge {
	struct topics topics; /* what the classifier was made of */
	const struct classifier *classifier; /* of these */
	struct cls_scratch *scratch;
	struct cls_result *results; /* of every topic, after judge_ask; in the arena of the arguments */
	size_t count;
};

/* False after complaints, with the exit code. */
bool judge_open(struct judge *j, const struct ctl_args *args, bool operands, int *code) MUST_CHECK;
void judge_close(struct judge *j);
bool judge_ask(
    struct judge *j, struct str title, struct str text, const char *language, struct err *e) MUST_CHECK;

/* Rows of commands that judge texts. */
#define JUDGE_OPTIONS                                                                                        \
	CTL_OPT_TOPIC_FILE, CTL_OPT_TOPIC_FOLDER, CTL_OPT_MODEL, CTL_OPT_CONFIG,                             \
	    { 'T', "title", "TEXT", "title of a plain text (default: its first line)", CTL_TEXT,             \
		    CTL_AT(title), NULL },                                                                   \
	    { 'l', "lang", "TAG", "language, when the input does not say (BCP 47)", CTL_TEXT,                \
		    CTL_AT(language), NULL },                                                                \
	    CTL_OPT_JSON, CTL_OPT_COLOUR

struct judging;
typedef void judge_each_f(struct judging *j, const struct text *text); /* the text is judged */

struct judging {
	const struct ctl_args *args;
	struct judge judge;
	struct printer out; /* flushed after each text */
	judge_each_f *each;
};

/* Judges the texts of all operands, or of standard input. The exit code of the command. */
typedef void judge_frame_f(struct judging *j); /* before the first text, and behind the last; or NULL */
int judge_texts(struct ctl_args *args, judge_each_f *each, judge_frame_f *begin, judge_frame_f *end);

#endif
