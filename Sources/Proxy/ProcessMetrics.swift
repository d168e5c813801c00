import Base
import Doors

extension MetricsText {
  /// What every Prometheus page tells of its process.
  mutating func appendProcess(startSeconds: Double) {
    let memory = ProcessFacts.memory
    begin("process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.")
    sample(ProcessFacts.cpuSeconds)
    begin("process_max_fds", .gauge, "Maximum number of open file descriptors.")
    sample(ProcessFacts.descriptorLimit)
    begin("process_open_fds", .gauge, "Number of open file descriptors.")
    sample(UInt64(ProcessFacts.openDescriptors))
    begin("process_resident_memory_bytes", .gauge, "Resident memory size in bytes.")
    sample(UInt64(memory.resident))
    begin("process_start_time_seconds", .gauge, "Start time of the process since unix epoch in seconds.")
    sample(startSeconds)
    begin("process_virtual_memory_bytes", .gauge, "Virtual memory size in bytes.")
    sample(UInt64(memory.virtual))
  }
}
