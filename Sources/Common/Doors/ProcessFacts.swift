import Base
import CShim
import Glibc

/// What the kernel says of this process.
package enum ProcessFacts {
  /// Descriptors this process may have; 0 where the kernel does not say.
  package static var descriptorLimit: UInt64 { limit(RLIMIT_NOFILE) }
  package static var addressSpaceLimit: UInt64 { limit(RLIMIT_AS) }

  private static func limit(_ kind: __rlimit_resource) -> UInt64 {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(kind.rawValue), &limit) == 0 else { return 0 }
    return UInt64(limit.rlim_cur)
  }

  /// Since Linux 6.2 the directory's size is the number; before, its entries are counted.
  package static var openDescriptors: Int {
    var facts = stat()
    if stat("/proc/self/fd", &facts) == 0, facts.st_size > 0 { return Int(facts.st_size) }
    guard let directory = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return max(count - 3, 0)  // itself, `.` and `..`
  }

  package static var cpuSeconds: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
  }

  package struct Memory {
    package var resident = 0
    package var virtual = 0
    package var threads = 0
  }

  /// From `/proc/self/stat`: threads, address space and resident pages are the fields 20, 23 and 24 of proc(5).
  package static var memory: Memory {
    let descriptor = cshim_open("/proc/self/stat", O_RDONLY, 0)
    guard descriptor >= 0 else { return Memory() }
    defer { close(descriptor) }
    return withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { buffer in
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      return memory(in: UnsafeRawBufferPointer(rebasing: buffer[..<max(0, count)]))
    }
  }

  /// Fields are counted from behind the name in parentheses, which may hold blanks.
  package static func memory(in text: UnsafeRawBufferPointer) -> Memory {
    guard let close = text.lastIndex(of: UInt8(ascii: ")")) else { return Memory() }
    var field = 2
    var number = 0
    var found = Memory()
    for byte in text[(close + 1)...] {
      if byte == 0x20 {
        take(field, number, &found)
        field += 1
        number = 0
      } else if byte &- 0x30 < 10 {
        number = number &* 10 &+ Int(byte - 0x30)
      }
    }
    return found
  }

  private static func take(_ field: Int, _ number: Int, _ found: inout Memory) {
    switch field {
    case 20: found.threads = number
    case 23: found.virtual = number
    case 24: found.resident = number * Int(sysconf(Int32(_SC_PAGESIZE)))
    default: break
    }
  }
}
