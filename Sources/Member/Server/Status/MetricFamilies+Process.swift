import Base
import CShim
import Doors
import Event
import Glibc
import Machine

// Rows MET-16 and MET-17: the process, the pages of metrics themselves, and what of Go's run time has a meaning here.

extension MetricFamily {
  static let processFamilies: [MetricFamily] = [
    .vector(.counter, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.") {
      $1.sample(ProcessFacts.cpuSeconds)
    },
    .gauge("process_open_fds", "Number of open file descriptors.", descriptors),
    .gauge("process_max_fds", "Maximum number of open file descriptors.", limit),
    .gauge("process_resident_memory_bytes", "Resident memory size in bytes.") { _ in
      Double(ProcessFacts.memory.resident)
    },
    .gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.") { _ in
      Double(ProcessFacts.memory.virtual)
    },
    .gauge("process_virtual_memory_max_bytes", "Maximum amount of virtual memory available in bytes.") { _ in
      Double(ProcessFacts.addressSpaceLimit)
    },
    .gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.") {
      Double($0.startedWall / 10_000_000) / 100
    },
    .gauge("os_fd_used", "The number of used file descriptors.", descriptors),
    .gauge("os_fd_limit", "The file descriptor limit.", limit),
    .gauge("promhttp_metric_handler_requests_in_flight", "Current number of scrapes being served.") { _ in 1 },
    .vector(
      .counter, "promhttp_metric_handler_requests_total", "Total number of scrapes by HTTP status code."
    ) { member, page in
      // This one counts when it has been answered.
      page.sample("code=\"200\"", member.metrics.scrapes - 1)
      page.sample("code=\"500\"", 0 as UInt64)
      page.sample("code=\"503\"", 0 as UInt64)
    },
    .label("go_info", "What stands in for Go here.") { _ in "version=\"swift\"" },
    .gauge("go_goroutines", "Requests and streams that are open.") {
      Double($0.proposals.count + $0.machine.hub.counters.streams)
    },
    .gauge("go_threads", "Number of OS threads created.") { _ in Double(ProcessFacts.memory.threads) },
    .gauge("go_memstats_alloc_bytes", "Number of bytes allocated and still in use.") { Double($0.heap.used) },
    .gauge("go_memstats_heap_alloc_bytes", "Number of heap bytes allocated and still in use.") {
      Double($0.heap.used)
    },
    .gauge("go_memstats_heap_inuse_bytes", "Number of heap bytes that are in use.") { Double($0.heap.used) },
    .gauge("go_memstats_heap_idle_bytes", "Number of heap bytes waiting to be used.") { Double($0.heap.free) },
    .gauge("go_memstats_heap_sys_bytes", "Number of heap bytes obtained from system.") {
      Double($0.heap.arenas + $0.heap.mapped)
    },
    .gauge("go_memstats_sys_bytes", "Number of bytes obtained from system.") {
      Double($0.heap.arenas + $0.heap.mapped)
    },
  ]

  private static let descriptors: @Sendable (Member) -> Double = { _ in Double(ProcessFacts.openDescriptors) }
  private static let limit: @Sendable (Member) -> Double = { _ in Double(ProcessFacts.descriptorLimit) }
}
