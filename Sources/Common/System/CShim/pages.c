#include "cshim.h"
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

// Segments that nobody may write are the file's own pages, unless the loader had to relocate text, which the linkers of
// today refuse to make. `PT_GNU_RELRO` lies in a writable segment and so is left alone.
static int release_object(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size;
  (void)unused;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
    uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(uintptr_t)(page - 1);
    uintptr_t end = object->dlpi_addr + segment->p_vaddr + segment->p_memsz;
    // The kernel's own object (vdso) refuses, which is as well.
    (void)madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

void cshim_release_program_pages(void) { dl_iterate_phdr(release_object, 0); }
