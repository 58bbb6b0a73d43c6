/* take: the functions that rows of the element table name: from attributes and text to slots and lists. */
#ifndef FEED_TAKE_PRIV_H
#define FEED_TAKE_PRIV_H

#include "daemon/feed/build_priv.h"

/* Starts and ends of boxes. */
element_start_f take_item_start;
element_end_f take_item_end;
element_start_f take_channel_start;
element_start_f take_source_start;
element_end_f take_source_end;
element_start_f take_person_start;
element_end_f take_author_end;
element_end_f take_contributor_end;
element_start_f take_image_start;

/* Values. */
element_end_f take_value; /* the first one with text wins */
element_end_f take_last; /* the last one with text wins */
element_end_f take_url; /* the text is a URL */
element_start_f take_guid_start;
element_end_f take_tag;
element_start_f take_tag_start; /* atom:category, itunes:category: attributes */
element_end_f take_keywords; /* a list with commas */
element_start_f take_href; /* itunes:image: the href or url attribute is the value */
element_end_f take_hour;
element_end_f take_day;

/* Links. */
element_start_f take_link_start;
element_end_f take_link_end;
element_start_f take_source_link; /* rss:source url= */

/* People. */
element_end_f take_person_name;
element_end_f take_person_url;
element_end_f take_person_email;
element_end_f take_creator; /* dc:creator, itunes:author: one name per element */

/* Attachments. */
element_start_f take_enclosure;
element_start_f take_media_start;
element_start_f take_media_thumbnail;
element_start_f take_media_player;
element_end_f take_duration;

#endif
