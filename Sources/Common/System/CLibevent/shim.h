// <sys/types.h> comes first: libevent's configuration header defines _GNU_SOURCE, which would
// otherwise give `fd_set` a member name that differs from the one Glibc's module saw.
#include <sys/types.h>
#include <event2/event.h>
#include <event2/util.h>
