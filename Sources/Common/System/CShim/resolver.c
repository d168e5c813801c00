#include "cshim.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <string.h>

// The state is made anew for each question: /etc/resolv.conf may have changed, and no thread shares it.
int cshim_dns_search(const char *name, int kind, unsigned char *answer, int room, int *reason) {
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) {
        *reason = NETDB_INTERNAL;
        return -1;
    }
    int count = res_nsearch(&state, name, ns_c_in, kind, answer, room);
    *reason = count < 0 ? state.res_h_errno : 0;
    res_nclose(&state);
    return count;
}
