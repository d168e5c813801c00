// libcurl, loaded when the first fetch needs it. A member looks for its cluster once in its life; linked in the usual
// way, libcurl and the thirty libraries behind it would cost every start 30 ms and 4 MB.
#ifndef CCURL_H
#define CCURL_H
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/// Loads the library, once for all threads. NULL when it is there, otherwise why not.
const char *ccurl_load(void);

// All below may be called only after `ccurl_load` has answered NULL.
CURL *ccurl_easy_init(void);
void ccurl_easy_reset(CURL *easy);
void ccurl_easy_cleanup(CURL *easy);
/// The kinds of `curl_easy_setopt`, which takes any argument.
CURLcode ccurl_set_number(CURL *easy, CURLoption option, long value);
CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, const void *value);
CURLcode ccurl_set_callback(
    CURL *easy, CURLoption option, size_t (*callback)(char *bytes, size_t size, size_t count, void *context));
long ccurl_status(CURL *easy);
const char *ccurl_text(CURLcode code);
struct curl_slist *ccurl_list_append(struct curl_slist *list, const char *line);
void ccurl_list_free(struct curl_slist *list);

CURLM *ccurl_multi_init(void);
void ccurl_multi_cleanup(CURLM *multi);
CURLMcode ccurl_multi_add(CURLM *multi, CURL *easy);
CURLMcode ccurl_multi_remove(CURLM *multi, CURL *easy);
CURLMcode ccurl_multi_perform(CURLM *multi, int *running);
/// Waits until a transfer can go on, `descriptor` is readable or the time is over. 1 when `descriptor` is readable.
int ccurl_multi_wait(CURLM *multi, int descriptor, int milliseconds);
/// 1 and the result when a transfer has ended.
int ccurl_multi_ended(CURLM *multi, CURLcode *result);
#endif
