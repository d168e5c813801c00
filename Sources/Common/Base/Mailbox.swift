import Glibc

/// Letters between threads: the only thing two threads share.
///
/// Unbounded by itself: the senders bound what they may have outstanding (see `Limits`).
/// `onFirst` runs on the posting thread when a letter lands in an empty box; a loop uses it to wake up.
package final class Mailbox<Letter: Sendable>: @unchecked Sendable {
  // `@unchecked` is right here: the variables are touched only with `mutex` held.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let arrival: UnsafeMutablePointer<pthread_cond_t>
  private var letters: [Letter] = []
  private var isClosed = false
  /// A thread waits in `waitForAll`: only then is there anybody to signal.
  private var isAwaited = false
  private let onFirst: (@Sendable () -> Void)?

  package init(onFirst: (@Sendable () -> Void)? = nil) {
    self.onFirst = onFirst
    mutex = .allocate(capacity: 1)
    arrival = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(arrival, nil)
  }

  deinit {
    pthread_cond_destroy(arrival)
    pthread_mutex_destroy(mutex)
    arrival.deallocate()
    mutex.deallocate()
  }

  package func post(_ letter: Letter) {
    pthread_mutex_lock(mutex)
    let wasEmpty = letters.isEmpty
    letters.append(letter)
    let wakes = wasEmpty && isAwaited
    pthread_mutex_unlock(mutex)
    // Behind the unlock, so that the woken thread does not run into the held mutex.
    if wakes { pthread_cond_signal(arrival) }
    if wasEmpty { onFirst?() }
  }

  /// Everything that is there now, in order of posting; empty when nothing is.
  package func takeAll() -> [Letter] {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    var taken: [Letter] = []
    swap(&taken, &letters)
    return taken
  }

  /// Waits until there is a letter; nil once the box is closed and empty.
  package func waitForAll() -> [Letter]? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while letters.isEmpty {
      if isClosed { return nil }
      isAwaited = true
      pthread_cond_wait(arrival, mutex)
    }
    isAwaited = false
    var taken: [Letter] = []
    swap(&taken, &letters)
    return taken
  }

  /// No further waiting: a waiting thread takes what is left and then sees nil.
  package func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_broadcast(arrival)
    pthread_mutex_unlock(mutex)
  }
}
