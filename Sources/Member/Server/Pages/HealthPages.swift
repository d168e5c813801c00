import Base
import Doors
import HTTP
import Machine
import Raft
import Wire

/// `/health`: one word about this member. As etcd 3.4: etcdserver/api/etcdhttp/metrics.go.
///
/// With `?serializable=` in the query the answer has 3.5's form, with a reason: true leaves out what needs other members.
struct HealthPage {
  unowned let member: Member

  func answer(_ request: PageRequest) {
    let isNewForm = request.query.contains("serializable")
    let isLocal = request.query["serializable"] == "true"
    if let fault = fault(leavingOut: request.names("exclude"), isLocal: isLocal) {
      return reply(request, fault, isNewForm)
    }
    if isLocal { return reply(request, nil, isNewForm) }
    HealthProbe(member) { status in reply(request, status.map { "RANGE ERROR:\($0.message)" }, isNewForm) }
  }

  /// What is seen without asking anybody.
  private func fault(leavingOut excluded: Set<String>, isLocal: Bool) -> String? {
    for alarm in member.machine.alarms.active() {
      let name = alarm.alarm == .nospace ? "NOSPACE" : "CORRUPT"
      if !excluded.contains(name) { return "ALARM \(name)" }
    }
    return isLocal || member.node.lead != 0 ? nil : "RAFT NO LEADER"
  }

  private func reply(_ request: PageRequest, _ fault: String?, _ isNewForm: Bool) {
    if fault == nil { member.metrics.healthSuccesses += 1 } else { member.metrics.healthFailures += 1 }
    var body = JSONWriter()
    body.raw("{\"health\":\"\(fault == nil)\"")
    if isNewForm {
      body.raw(",\"reason\":")
      body.string(fault ?? "")
    }
    body.raw("}")
    let text = String(utf8: body.bytes)
    guard let fault else { return PlainText.page(request.exchange, text) }
    member.pagesLog(.warning, "/health error: \(fault) (status code 503)")
    PlainText.reply(request.exchange, 503, text + "\n")
  }
}

/// `/livez` and `/readyz`: named checks, all together or each at a path of its own.
/// As etcd 3.4.29 and 3.5.11: etcdserver/api/etcdhttp/health.go.
struct HealthChecks {
  enum Check: String, CaseIterable {
    case dataCorruption = "data_corruption"
    case serializableRead = "serializable_read"
    case linearizableRead = "linearizable_read"
    case nonLearner = "non_learner"
  }

  unowned let member: Member
  /// `livez` or `readyz`; also the type in the metrics.
  let name: String
  let checks: [Check]

  func install(in table: inout PageTable) {
    table["/\(name)"] = .get { answer($0, chosen(leavingOut: $0.names("exclude"))) }
    for check in checks { table["/\(name)/\(check.rawValue)"] = .get { answer($0, [check]) } }
  }

  private func chosen(leavingOut excluded: Set<String>) -> [Check] {
    let unknown = excluded.subtracting(checks.map(\.rawValue)).sorted()
    if !unknown.isEmpty {
      member.pagesLog(
        .warning, "/\(name): there are no such checks to exclude: \(unknown.joined(separator: ","))")
    }
    return checks.filter { !excluded.contains($0.rawValue) }
  }

  private func answer(_ request: PageRequest, _ checks: [Check]) {
    guard checks.contains(.linearizableRead) else { return reply(request, checks, readFault: nil) }
    HealthProbe(member) { status in reply(request, checks, readFault: status?.message) }
  }

  private func reply(_ request: PageRequest, _ checks: [Check], readFault: String?) {
    var details = ""
    var isHealthy = true
    for check in checks {
      let fault = fault(check, readFault: readFault)
      member.metrics.count(check: check.rawValue, of: name, isHealthy: fault == nil)
      details += fault.map { "[-]\(check.rawValue) failed: \($0)\n" } ?? "[+]\(check.rawValue) ok\n"
      if fault != nil { isHealthy = false }
    }
    if isHealthy {
      PlainText.page(request.exchange, (request.query.contains("verbose") ? details : "") + "ok\n")
    } else {
      let line = details.split(separator: "\n").joined(separator: ", ")
      member.pagesLog(.error, "/\(name) error: \(line) (status code 503)")
      PlainText.reply(request.exchange, 503, details + "\n")
    }
  }

  /// A serializable read asks nobody: that this page is answered shows it.
  private func fault(_ check: Check, readFault: String?) -> String? {
    switch check {
    case .dataCorruption: member.machine.alarms.isActive(.corrupt) ? "alarm activated: CORRUPT" : nil
    case .serializableRead: nil
    case .linearizableRead: readFault
    case .nonLearner: member.isLearner ? "not supported for learner" : nil
    }
  }
}
