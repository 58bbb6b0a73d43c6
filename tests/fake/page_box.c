/* page_box: files on tmpfs, read through the real file system. */
#include "tests/fake/page_box.h"

#include "tests/fake/remove_tree.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void page_box_init(struct page_box *b)
{
	*b = (struct page_box){ 0 };
	snprintf(b->folder, sizeof(b->folder), "%s/page-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert(mkdtemp(b->folder));
	b->source = (struct page_source){
		.fs = &fs_system,
		.directory = b->folder,
		.state_directory = b->folder,
		.now = PAGE_BOX_NOW,
	};
}

void page_box_fini(struct page_box *b)
{
	page_fini(&b->answer);
	assert(remove_tree(b->folder));
}

static void put(struct page_box *b, const char *name, const char *mode, struct str text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", b->folder, name);
	f = fopen(path, mode);
	assert(f);
	assert(fwrite(text.p, 1, text.n, f) == text.n);
	assert(fclose(f) == 0);
}

void page_box_write(struct page_box *b, const char *name, struct str text)
{
	put(b, name, "w", text);
}

void page_box_append(struct page_box *b, const char *name, struct str text)
{
	put(b, name, "a", text);
}

unsigned page_box_get_if(struct page_box *b, const char *target, const char *if_none_match)
{
	struct str query = str_from(target);
	struct str path = str_cut(&query, '?');

	page_fini(&b->answer);
	page_make(&b->source,
	    &(struct page_request){ .path = path, .query = query, .if_none_match = str_from(if_none_match) },
	    &b->answer);
	return b->answer.status;
}

unsigned page_box_get(struct page_box *b, const char *target)
{
	return page_box_get_if(b, target, NULL);
}

bool page_box_says(const struct page_box *b, const char *text)
{
	return str_find(buf_view(&b->answer.body), str_from(text), 0) != SIZE_MAX;
}
