import Base
import Config
import Discovery
import Doors
import Glibc
import Proxy

// The front door: reads what it was told, then runs a member or a proxy. The only place that takes chance from the
// system, and the only one that ends the process.

func write(_ text: String, to descriptor: Int32) {
  var rest = text
  rest.withUTF8 { bytes in
    var bytes = UnsafeRawBufferPointer(bytes)
    while bytes.count > 0 {
      let count = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }
      bytes = UnsafeRawBufferPointer(rebasing: bytes[count...])
    }
  }
}

func complain(_ text: String) { write(text + "\n", to: 2) }

/// Ends the process as its program asks: by a signal where it was told to end by one, as its parent expects.
func end(_ end: ProgramEnd) -> Never {
  if case .signal(let number) = end {
    signal(number, SIG_DFL)
    kill(getpid(), number)
    pause()
  }
  guard case .code(let code) = end else { exit(1) }
  exit(code)
}

/// The log of a sub-command.
func frontLog(_ name: String, debug: Bool) -> Log {
  guard case .success(let log) = openLog(.forFront(debug: debug), notes: []) else { end(.code(1)) }
  return log.named(name)
}

var chance = SystemRandomNumberGenerator()
switch configure(.ofThisProcess()) {
case .exit(let code, let output, let errors):
  write(output, to: 1)
  write(errors, to: 2)
  exit(code)
case .gateway(let settings):
  end(runGateway(settings, log: frontLog("gateway", debug: false), seed: chance.next(), complain: complain))
case .grpcProxy(let settings):
  let log = frontLog("grpcproxy", debug: settings.debug)
  end(runGRPCProxy(settings, log: log, seed: chance.next(), complain: complain))
case .token(let wish):
  let token = hex16(chance.next()) + hex16(chance.next())
  do throws(DiscoveryFailure) {
    write(try DiscoveryToken.make(token, size: wish.size, endpoints: wish.endpoints) + "\n", to: 1)
    exit(0)
  } catch {
    write("\(error)\n", to: 2)
    exit(1)
  }
case .run(let settings, let notes):
  switch openLog(settings, notes: notes) {
  case .failure(let problem):
    complain(problem.text)
    exit(1)
  case .success(let log): end(run(settings, log, seed: chance.next()))
  }
}
