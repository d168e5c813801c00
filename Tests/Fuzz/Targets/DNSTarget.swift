import Base
import Discovery

/// An answer of a name server: it may be nonsense, but what is taken from it must be fit for a URL.
func fuzzDNS(_ bytes: UnsafeRawBufferPointer) {
  let answer: DNSAnswer
  do throws(DNSFailure) { answer = try DNSAnswer(reading: Bytes(bytes)) } catch {
    invariant(!"\(error)".isEmpty, "a failure without words")
    return
  }
  switch answer.content {
  case .alias(let name, _): check(name)
  case .services(let records, _):
    invariant(!records.isEmpty, "an answer without records")
    for record in records {
      check(record.target)
      do throws(EndpointURL.Failure) {
        let url = try EndpointURL(parsing: "http://\(record.target):\(record.port)")
        invariant(url.host == record.target && url.portNumber == record.port, "a target changes in a URL")
      } catch { broken("a target is no host: \(error.text)") }
    }
  }
}

private func check(_ name: String) {
  invariant(name.utf8.count <= 253, "a name is too long")
  let isPlain = name.utf8.allSatisfy { byte in
    let letter = byte | 0x20
    return (0x61...0x7A).contains(letter) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E
      || byte == 0x5F
  }
  invariant(isPlain, "a name holds a foreign character")
}

func dnsSeeds() -> [(name: String, bytes: Bytes)] {
  func name(_ text: String) -> Bytes {
    text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Bytes($0.utf8) } + [0]
  }
  func head(_ answers: UInt8) -> Bytes { [0, 1, 0x81, 0x80, 0, 1, 0, answers, 0, 0, 0, 0] }
  let question = name("_etcd-server._tcp.x.test") + [0, 33, 0, 1]
  let life: Bytes = [0, 0, 0, 60]
  let target: Bytes = [0, 0, 0, 5, 0x09, 0x4C] + name("n1.x.test")
  // The owner, and the end of the second target, point into the question.
  let pointed: Bytes = [0, 1, 0, 0, 0x09, 0x4C, 2, 0x6E, 0x32, 0xC0, 30]
  let alias = name("b.test")
  return [
    (
      "services",
      head(2) + question + [0xC0, 12, 0, 33, 0, 1] + life + [0, UInt8(target.count)] + target
        + [0xC0, 12, 0, 33, 0, 1] + life + [0, UInt8(pointed.count)] + pointed
    ),
    ("alias", head(1) + question + [0xC0, 12, 0, 5, 0, 1] + life + [0, UInt8(alias.count)] + alias),
    ("none", [0, 1, 0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0] + question),
  ]
}
