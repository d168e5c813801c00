import CShim
import Glibc

/// A named thread of the operating system with a body that runs once.
package final class Thread: @unchecked Sendable {
  // `@unchecked` is right here: `handle` is written before the thread exists and read by the joiner only.
  private var handle = pthread_t()
  private final class Body {
    let name: String
    let run: @Sendable () -> Void
    init(name: String, run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  package init(name: String, _ run: @escaping @Sendable () -> Void) {
    let body = Unmanaged.passRetained(Body(name: name, run: run))  // released by the thread itself
    let result = pthread_create(
      &handle, nil,
      { pointer in
        guard let pointer else { return nil }
        let body = Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue()
        cshim_name_thread(body.name)
        body.run()
        return nil
      }, body.toOpaque())
    invariant(result == 0, "thread \(name) could not be started: error \(result)")
  }

  /// Waits for the body to end; call once.
  package func join() { pthread_join(handle, nil) }
}
