import Glibc

/// How the process should end.
package enum ProgramEnd: Sendable, Equatable {
  case code(Int32)
  case signal(Int32)

  /// After a signal to stop, or none. As etcd 3.4: pkg/osutil/interrupt_unix.go; process 1 cannot die by a signal of its
  /// own.
  package init(signal received: Int32?) {
    if let received, getpid() != 1 { self = .signal(received) } else { self = .code(0) }
  }
}
