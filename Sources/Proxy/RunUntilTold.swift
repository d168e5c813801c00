import Doors
import Event
import Glibc

/// Runs a front end's loop until it is told to stop: the first signal asks to `drain`, which stops the loop when it is done; a
/// second one ends at once.
func runUntilTold(_ loop: EventLoop, _ drain: @escaping (_ signal: String) -> Void) -> ProgramEnd {
  var received: Int32?
  let watches = [(SIGTERM, "terminated"), (SIGINT, "interrupt")].map { number, name in
    SignalWatch(loop, number) {
      if received != nil { return loop.stop() }
      received = number
      Notify.stopping()
      drain(name)
    }
  }
  withExtendedLifetime(watches) { loop.run() }
  return ProgramEnd(signal: received)
}
