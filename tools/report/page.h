#ifndef BROOD_TOOLS_REPORT_PAGE_H
#define BROOD_TOOLS_REPORT_PAGE_H

/* page - the files of tools/report/page, as they are. */

#include <stddef.h>

extern const unsigned char page_html[];
extern const size_t page_html_size;
extern const unsigned char page_css[];
extern const size_t page_css_size;
extern const unsigned char page_js[];
extern const size_t page_js_size;
extern const unsigned char past_js[];
extern const size_t past_js_size;

#endif /* BROOD_TOOLS_REPORT_PAGE_H */
