#include "cshim.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static uint32_t table[256];
static void __attribute__((constructor)) make_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++) c = (c & 1) ? (c >> 1) ^ 0x82f63b78u : c >> 1;
    table[i] = c;
  }
}

uint32_t cshim_crc32c_table(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *p = bytes;
  crc = ~crc;
  while (count--) crc = (crc >> 8) ^ table[(crc ^ *p++) & 0xff];
  return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2")))
static uint32_t hardware_crc32c(uint32_t crc, const uint8_t *p, size_t n) {
  uint64_t c = (uint32_t)~crc;
  while (n >= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    c = __builtin_ia32_crc32di(c, word);
    p += 8;
    n -= 8;
  }
  uint32_t c32 = (uint32_t)c;
  while (n--) c32 = __builtin_ia32_crc32qi(c32, *p++);
  return ~c32;
}
uint32_t cshim_crc32c(uint32_t crc, const void *bytes, size_t count) {
  static int known;
  if (!known) known = __builtin_cpu_supports("sse4.2") ? 1 : 2;
  return known == 1 ? hardware_crc32c(crc, bytes, count) : cshim_crc32c_table(crc, bytes, count);
}
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
uint32_t cshim_crc32c(uint32_t crc, const void *bytes, size_t n) {
  const uint8_t *p = bytes;
  crc = ~crc;
  while (n >= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    crc = __crc32cd(crc, word);
    p += 8;
    n -= 8;
  }
  while (n--) crc = __crc32cb(crc, *p++);
  return ~crc;
}
#else
uint32_t cshim_crc32c(uint32_t crc, const void *bytes, size_t count) {
  return cshim_crc32c_table(crc, bytes, count);
}
#endif

int cshim_accept4(int fd, struct sockaddr *address, socklen_t *length) {
  return accept4(fd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
int cshim_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
int cshim_fallocate(int fd, off_t offset, off_t length) {
  int result;
  do result = fallocate(fd, 0, offset, length);
  while (result == -1 && errno == EINTR);
  return result;
}
int cshim_flock_exclusive(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }
int cshim_open(const char *path, int flags, mode_t mode) { return open(path, flags | O_CLOEXEC, mode); }
int cshim_set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags == -1 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}
void cshim_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
int64_t cshim_monotonic_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
int64_t cshim_realtime_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
size_t cshim_allocated_bytes(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
void cshim_trim_heap(void) { malloc_trim(0); }
struct cshim_heap cshim_heap(void) {
  struct mallinfo2 info = mallinfo2();
  struct cshim_heap heap = {info.uordblks + info.hblkhd, info.fordblks, info.arena, info.hblkhd};
  return heap;
}
