// Small C helpers that Swift cannot express: hardware CRC32C and calls that Glibc's module hides.
#ifndef CSHIM_H
#define CSHIM_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

/// CRC-32C (Castagnoli), continued from `crc` (0 to begin). Hardware where the processor has it.
uint32_t cshim_crc32c(uint32_t crc, const void *bytes, size_t count);
/// The table version, for comparison in tests.
uint32_t cshim_crc32c_table(uint32_t crc, const void *bytes, size_t count);

int cshim_accept4(int fd, struct sockaddr *address, socklen_t *length);   // non-blocking, close-on-exec
int cshim_eventfd(void);                                                  // non-blocking, close-on-exec
int cshim_fallocate(int fd, off_t offset, off_t length);                  // blocks and size
int cshim_flock_exclusive(int fd);                                        // 0, or -1 with errno (EWOULDBLOCK when held)
int cshim_open(const char *path, int flags, mode_t mode);
int cshim_set_nonblocking(int fd);
/// Name of the calling thread as `ps -L` shows it; at most 15 characters are kept.
void cshim_name_thread(const char *name);
/// Monotonic and wall clock, nanoseconds.
int64_t cshim_monotonic_now(void);
int64_t cshim_realtime_now(void);
/// Bytes in use by the C allocator's arenas and mappings.
size_t cshim_allocated_bytes(void);
/// The C allocator: bytes in use, given back to it and kept, taken from the system by arenas and by mappings.
struct cshim_heap { ptrdiff_t used, free, arenas, mapped; };
struct cshim_heap cshim_heap(void);
/// Gives freed memory at the top of the heap back to the system.
void cshim_trim_heap(void);
/// Takes the pages of the program and its libraries that cannot be written out of this process: those that are needed again
/// come back from the page cache, one cheap fault for sixteen of them.
void cshim_release_program_pages(void);

/// Asks the name servers of /etc/resolv.conf for the records of a kind (33: SRV), with its search list. The answer's
/// length, which may be beyond `room`; or -1 and a `reason` of netdb.h (HOST_NOT_FOUND ...). Blocks.
int cshim_dns_search(const char *name, int kind, unsigned char *answer, int room, int *reason);

/// Profiles, by SIGPROF on each thread's own processor time. One at a time; begun, fed and ended by one thread.
/// 0, or -1 when one is under way or there is no memory for `words` of samples.
int cshim_profile_begin(size_t words, int samples_per_second);
/// Samples this thread from now on; again and again for the same one does nothing.
void cshim_profile_attach(int tid);
/// The samples, each a count (1), a depth and addresses from the innermost out; `free` them. `dropped` found no room.
uint64_t *cshim_profile_end(size_t *words, unsigned long *dropped);

/// What another thread is doing: ask, give it a few milliseconds, then take. `slot` below 64 keeps several apart.
enum { CSHIM_STACK_FRAMES = 48 };
struct cshim_stack { int depth; uint64_t frames[CSHIM_STACK_FRAMES]; };
int cshim_stack_ask(int slot, int tid);
/// 1 where it answered in time.
int cshim_stack_take(int slot, struct cshim_stack *stack);

/// Where an address lies, as far as the loader knows: 0 where it does not. `symbol` may be null.
struct cshim_place { const char *module; uint64_t offset; const char *symbol; uint64_t symbol_offset; };
int cshim_find_place(uint64_t address, struct cshim_place *place);
#endif
