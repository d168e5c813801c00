#include "ccurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

// The functions by name. Their types come from the header, so that a changed declaration does not compile.
#define FUNCTIONS(each)                                                                                                \
    each(curl_global_init) each(curl_easy_init) each(curl_easy_reset) each(curl_easy_cleanup) each(curl_easy_setopt)   \
    each(curl_easy_getinfo) each(curl_easy_strerror) each(curl_slist_append) each(curl_slist_free_all)                 \
    each(curl_multi_init) each(curl_multi_cleanup) each(curl_multi_add_handle) each(curl_multi_remove_handle)          \
    each(curl_multi_perform) each(curl_multi_poll) each(curl_multi_info_read)

#define POINTER(name) __typeof__(&name) name##_;
static struct { FUNCTIONS(POINTER) } curl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *failure = "libcurl.so.4 lacks a function";

static void load(void) {
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        failure = dlerror();
        return;
    }
#define LOAD(name)                                                                                                     \
    if (!(curl.name##_ = (__typeof__(&name))dlsym(library, #name))) return;
    FUNCTIONS(LOAD)
    failure = curl.curl_global_init_(CURL_GLOBAL_DEFAULT) == CURLE_OK ? NULL : "libcurl could not be started";
}

const char *ccurl_load(void) {
    pthread_once(&once, load);
    return failure;
}

CURL *ccurl_easy_init(void) { return curl.curl_easy_init_(); }
void ccurl_easy_reset(CURL *easy) { curl.curl_easy_reset_(easy); }
void ccurl_easy_cleanup(CURL *easy) { curl.curl_easy_cleanup_(easy); }

CURLcode ccurl_set_number(CURL *easy, CURLoption option, long value) {
    return curl.curl_easy_setopt_(easy, option, value);
}
CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl.curl_easy_setopt_(easy, option, value);
}
CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return curl.curl_easy_setopt_(easy, option, value);
}
CURLcode ccurl_set_callback(
    CURL *easy, CURLoption option, size_t (*callback)(char *bytes, size_t size, size_t count, void *context)) {
    return curl.curl_easy_setopt_(easy, option, callback);
}

long ccurl_status(CURL *easy) {
    long status = 0;
    curl.curl_easy_getinfo_(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}
const char *ccurl_text(CURLcode code) { return curl.curl_easy_strerror_(code); }
struct curl_slist *ccurl_list_append(struct curl_slist *list, const char *line) {
    return curl.curl_slist_append_(list, line);
}
void ccurl_list_free(struct curl_slist *list) { curl.curl_slist_free_all_(list); }

CURLM *ccurl_multi_init(void) { return curl.curl_multi_init_(); }
void ccurl_multi_cleanup(CURLM *multi) { curl.curl_multi_cleanup_(multi); }
CURLMcode ccurl_multi_add(CURLM *multi, CURL *easy) { return curl.curl_multi_add_handle_(multi, easy); }
CURLMcode ccurl_multi_remove(CURLM *multi, CURL *easy) { return curl.curl_multi_remove_handle_(multi, easy); }
CURLMcode ccurl_multi_perform(CURLM *multi, int *running) { return curl.curl_multi_perform_(multi, running); }

int ccurl_multi_wait(CURLM *multi, int descriptor, int milliseconds) {
    // `curl_multi_poll` waits even while a transfer has no socket yet because its name is being looked up.
    struct curl_waitfd extra = {.fd = descriptor, .events = CURL_WAIT_POLLIN, .revents = 0};
    int ready = 0;
    curl.curl_multi_poll_(multi, &extra, 1, milliseconds, &ready);
    return (extra.revents & CURL_WAIT_POLLIN) != 0;
}

int ccurl_multi_ended(CURLM *multi, CURLcode *result) {
    int left = 0;
    for (CURLMsg *message; (message = curl.curl_multi_info_read_(multi, &left));)
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return 1;
        }
    return 0;
}
