import Base
import Config
import Doors
import Glibc

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

var chance = SystemRandomNumberGenerator()
switch configure(.ofThisProcess()) {
case .exit(let code, let output, let errors):
  write(output, to: 1)
  write(errors, to: 2)
  exit(code)
case .run(let settings, let notes):
  switch openLog(settings, notes: notes) {
  case .failure(let problem):
    write(problem.text + "\n", to: 2)
    exit(1)
  case .success(let log):
    switch run(settings, log, seed: chance.next()) {
    case .code(let code): exit(code)
    case .signal(let number):
      signal(number, SIG_DFL)
      kill(getpid(), number)
      pause()
    }
  }
}
