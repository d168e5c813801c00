import Base

/// What service records mean for a member: the list of first members, in which its own record carries its name and the
/// others numbers, until they tell how they are called. Decides only; names are resolved by whoever asks.
///
/// As etcd 3.4: pkg/srv/srv.go, GetCluster, and embed/config.go, GetDNSClusterNames. Where 3.4 leaves a target out that
/// cannot be resolved, and with it founds a smaller cluster of its own, nothing is planned; and plain http records
/// count, also beside https ones.
struct SRVPlan {
  /// A peer URL of this member's own, with its addresses.
  struct Own {
    var url: EndpointURL
    var addresses: Set<String>
  }
  /// What one service name answered.
  struct Answer {
    var name: SRVName
    var records: Result<[ServiceRecord], DNSFailure>
  }

  let memberName: String
  let own: [Own]
  /// A proxy need not stand among the members.
  let mustContainOwn: Bool

  /// `name=url` of all members. `addresses` answers for a host and a port.
  func entries(
    _ answers: [Answer], _ log: Log, addresses: (String, String) -> Result<Set<String>, DNSFailure>
  ) throws(SRVFailure) -> [String] {
    try checkAnswers(answers)
    var entries: [String] = []
    var mismatch: String?
    var holdsOwn = false
    var secure: Set<String> = []
    var number = 0
    for answer in answers {
      for record in (try? answer.records.get()) ?? [] {
        let place = "\(record.target):\(record.port)"
        if answer.name.isSecure {
          secure.insert(place.lowercased())
        } else if secure.contains(place.lowercased()) {
          log(.warning, "\(place) stands in \(answer.name.text) too; its https record counts")
          continue
        }
        let found = try resolve(record, of: answer.name, addresses)
        let url = "\(answer.name.scheme)://\(place)"
        guard let mine = own.first(where: { !$0.addresses.isDisjoint(with: found) }) else {
          if number == Int(memberName) { number += 1 }
          entries.append("\(number)=\(url)")
          number += 1
          continue
        }
        guard mine.url.scheme.rawValue == answer.name.scheme else {
          mismatch =
            "bootstrap at \(url) from DNS for \(answer.name.label) has scheme mismatch with expected peer \(mine.url.text)"
          log(.warning, mismatch ?? "")
          continue
        }
        entries.append("\(memberName)=\(url)")
        holdsOwn = true
      }
    }
    if mustContainOwn, !holdsOwn {
      throw .wrong(mismatch ?? "cannot find local etcd member \(goQuoted(memberName)) in SRV records")
    }
    return entries
  }

  /// At least one name has records, and no name server kept silent: half an answer would be half a cluster.
  private func checkAnswers(_ answers: [Answer]) throws(SRVFailure) {
    var texts: [String] = []
    for answer in answers {
      guard case .failure(let failure) = answer.records else { continue }
      let text = "_\(answer.name.label) lookup \(answer.name.text): \(failure)"
      switch failure {
      case .temporary: throw .passing("error querying DNS SRV records for \(text)")
      case .malformed: throw .wrong("error querying DNS SRV records for \(text)")
      case .noSuchHost, .noRecords: texts.append(text)
      }
    }
    if texts.count == answers.count {
      throw .noRecords("error querying DNS SRV records for \(texts.joined(separator: " and for "))")
    }
  }

  private func resolve(
    _ record: ServiceRecord, of name: SRVName,
    _ addresses: (String, String) -> Result<Set<String>, DNSFailure>
  ) throws(SRVFailure) -> Set<String> {
    switch addresses(record.target, String(record.port)) {
    case .success(let found): return found
    case .failure(let failure):
      throw .passing(
        "the target \(record.target):\(record.port) of the SRV records \(name.text) cannot be resolved "
          + "(lookup \(record.target): \(failure)); correct the record or its address: a cluster is not founded without "
          + "a member that DNS promises")
    }
  }
}
