// Samples of what the process's threads do, by SIGPROF. Everything in the handler is safe in a signal: it walks frame pointers,
// reads memory by a system call that fails where there is none, and writes into memory that was set aside.
#include "cshim.h"
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum { MAX_FRAMES = 48, MAX_THREADS = 64, MAX_STACK = 1 << 20 };

static _Atomic(uint64_t *) samples;
static size_t capacity;
static atomic_size_t used;
static atomic_ulong lost;
static atomic_int inside;
static int hertz;
static struct { int tid; timer_t timer; } timers[MAX_THREADS];
static int timer_count;
static struct cshim_stack stacks[MAX_THREADS];
static atomic_int answered[MAX_THREADS];
static atomic_int is_installed;

/// The program counter, then return addresses as far as frame pointers lead upwards on one stack.
static int walk(const ucontext_t *context, uint64_t *frames, int limit) {
  uint64_t pc, fp, sp;
#if defined(__x86_64__)
  pc = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
  fp = (uint64_t)context->uc_mcontext.gregs[REG_RBP];
  sp = (uint64_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
  pc = context->uc_mcontext.pc;
  fp = context->uc_mcontext.regs[29];
  sp = context->uc_mcontext.sp;
#else
  (void)context;
  return 0;
#endif
  int count = 0;
  frames[count++] = pc;
  const uint64_t low = sp;
  while (count < limit && fp >= sp && fp - low < MAX_STACK && (fp & 7) == 0) {
    uint64_t pair[2];
    struct iovec here = {pair, sizeof pair}, there = {(void *)fp, sizeof pair};
    if (process_vm_readv(getpid(), &here, 1, &there, 1, 0) != (ssize_t)sizeof pair) break;
    if (pair[1] < 4096) break;
    frames[count++] = pair[1];
    if (pair[0] <= fp) break;
    sp = fp;
    fp = pair[0];
  }
  return count;
}

static void take_sample(const ucontext_t *context) {
  atomic_fetch_add(&inside, 1);
  uint64_t *memory = atomic_load(&samples);
  if (memory) {
    uint64_t frames[MAX_FRAMES];
    size_t depth = (size_t)walk(context, frames, MAX_FRAMES);
    size_t at = atomic_fetch_add(&used, depth + 2);
    if (depth > 0 && at + depth + 2 <= capacity) {
      memory[at] = 1;
      memory[at + 1] = depth;
      memcpy(memory + at + 2, frames, depth * sizeof *frames);
    } else {
      // What does not fit leaves a gap that the end of the profile cuts off.
      atomic_fetch_add(&lost, 1);
    }
  }
  atomic_fetch_sub(&inside, 1);
}

static void handle(int number, siginfo_t *info, void *context) {
  (void)number;
  const int saved = errno;
  if (info->si_code == SI_TIMER) {
    take_sample(context);
  } else if (info->si_code == SI_QUEUE) {
    const int slot = info->si_value.sival_int;
    if (slot >= 0 && slot < MAX_THREADS && atomic_load(&answered[slot]) == 0) {
      stacks[slot].depth = walk(context, stacks[slot].frames, CSHIM_STACK_FRAMES);
      atomic_store(&answered[slot], 1);
    }
  }
  errno = saved;
}

/// Stays for good: a signal that comes late would end the process otherwise.
static int install(void) {
  if (atomic_exchange(&is_installed, 1)) return 0;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigemptyset(&action.sa_mask);
  return sigaction(SIGPROF, &action, NULL);
}

int cshim_profile_begin(size_t words, int samples_per_second) {
  if (atomic_load(&samples) || install() != 0) return -1;
  uint64_t *memory = calloc(words, sizeof *memory);
  if (!memory) return -1;
  capacity = words;
  hertz = samples_per_second;
  timer_count = 0;
  atomic_store(&used, 0);
  atomic_store(&lost, 0);
  atomic_store(&samples, memory);
  return 0;
}

void cshim_profile_attach(int tid) {
  if (!atomic_load(&samples) || timer_count == MAX_THREADS) return;
  for (int i = 0; i < timer_count; i++)
    if (timers[i].tid == tid) return;
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGPROF;
  event.sigev_notify_thread_id = tid;
  // The clock of a thread's processor time, by the kernel's own numbering (CPUCLOCK_SCHED of one thread).
  const clockid_t clock = (clockid_t)(((unsigned)~tid << 3) | 6u);
  timer_t timer;
  if (timer_create(clock, &event, &timer) != 0) return;
  const struct timespec period = {0, 1000000000L / hertz};
  const struct itimerspec setting = {period, period};
  if (timer_settime(timer, 0, &setting, NULL) != 0) {
    timer_delete(timer);
    return;
  }
  timers[timer_count].tid = tid;
  timers[timer_count++].timer = timer;
}

uint64_t *cshim_profile_end(size_t *words, unsigned long *dropped) {
  for (int i = 0; i < timer_count; i++) timer_delete(timers[i].timer);
  timer_count = 0;
  uint64_t *memory = atomic_exchange(&samples, NULL);
  // Handlers on other threads that had seen the memory are a few microseconds from done.
  while (atomic_load(&inside) > 0) {
  }
  size_t end = 0;
  const size_t filled = atomic_load(&used);
  while (memory && end + 2 <= capacity && end < filled && memory[end] == 1 && end + 2 + memory[end + 1] <= capacity)
    end += 2 + memory[end + 1];
  *words = end;
  *dropped = atomic_load(&lost);
  return memory;
}

int cshim_stack_ask(int slot, int tid) {
  if (slot < 0 || slot >= MAX_THREADS || install() != 0) return -1;
  stacks[slot].depth = 0;
  atomic_store(&answered[slot], 0);
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = SIGPROF;
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_int = slot;
  return (int)syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, SIGPROF, &info);
}

int cshim_stack_take(int slot, struct cshim_stack *stack) {
  if (slot < 0 || slot >= MAX_THREADS) return 0;
  // What comes from now on is too late, and not written any more.
  if (atomic_exchange(&answered[slot], 2) != 1) return 0;
  *stack = stacks[slot];
  return 1;
}

int cshim_find_place(uint64_t address, struct cshim_place *place) {
  Dl_info info;
  if (dladdr((void *)address, &info) == 0) return 0;
  place->module = info.dli_fname;
  place->offset = address - (uint64_t)info.dli_fbase;
  place->symbol = info.dli_sname;
  place->symbol_offset = info.dli_sname ? address - (uint64_t)info.dli_saddr : 0;
  return 1;
}
