import Base
import Config
import Event
import HTTP
import Machine
import Raft
import Wire

/// `/v2/members` and `/v2/machines`: who belongs to the cluster, and changes of that. As etcd 3.4: v2http/client.go.
struct V2MembersPage {
  static let prefix = "/v2/members"
  unowned let desk: V2Desk
  private var member: Member { desk.member }

  /// Clients' URLs of all members.
  func machines(_ call: V2Call) {
    let text = member.machine.roster.clientURLs.joined(separator: ", ")
    call.reply(200, ["content-type": "text/plain; charset=utf-8"], text.bytes)
  }

  func answer(_ call: V2Call) {
    if call.method == .get { return act(call) }
    desk.guardian.admitRoot(call) { isRoot in
      guard isRoot else { return call.refuse(401, "Insufficient credentials") }
      act(call)
    }
  }

  private func act(_ call: V2Call) {
    call.clusterField = member.clusterID.hex
    switch call.method {
    case .post: add(call)
    case .put: update(call)
    case .delete: remove(call)
    default: show(call)
    }
  }

  // MARK: Looking

  private func show(_ call: V2Call) {
    switch call.path(after: Self.prefix) {
    case "":
      var writer = JSONWriter()
      writer.raw("{\"members\":[")
      for (place, record) in member.machine.roster.members.enumerated() {
        if place > 0 { writer.raw(",") }
        writer.raw(record.clientJSON)
      }
      writer.raw("]}\n")
      call.replyJSON(200, writer.bytes)
    case "leader":
      guard let leader = member.machine.roster[MemberID(member.node.lead)] else {
        return call.refuse(503, "During election")
      }
      call.replyJSON(200, leader.clientJSON + [0x0a])
    default: call.refuse(404, "Not found")
    }
  }

  // MARK: Changing

  private func add(_ call: V2Call) {
    guard let urls = urls(call) else { return }
    let seconds = member.loop.wallNanoseconds / 1_000_000_000
    let record = MemberRecord(name: "", peerURLs: urls, clusterToken: "", unixSeconds: seconds)
    member.addMember(record) { result in
      switch result {
      case .success: call.replyJSON(201, record.clientJSON + [0x0a])
      case .failure(.memberExists): call.refuse(409, MembershipError.idExists.text)
      case .failure(.peerURLExists): call.refuse(409, MembershipError.peerURLExists.text)
      case .failure(let status): fail(call, "error adding member \(record.id.hex)", status)
      }
    }
  }

  private func remove(_ call: V2Call) {
    guard let id = id(call) else { return }
    member.removeMember(id) { [unowned member] result in
      switch result {
      case .success: call.reply(204)
      case .failure(.memberNotFound) where member.machine.roster.isRemoved(id):
        call.refuse(410, "Member permanently removed: \(id.hex)")
      case .failure(.memberNotFound): call.refuse(404, "No such member: \(id.hex)")
      case .failure(let status): fail(call, "error removing member \(id.hex)", status)
      }
    }
  }

  private func update(_ call: V2Call) {
    guard let id = id(call), let urls = urls(call) else { return }
    member.updateMember(id, peerURLs: urls) { [unowned member] result in
      switch result {
      case .success: call.reply(204)
      case .failure(.peerURLExists): call.refuse(409, MembershipError.peerURLExists.text)
      case .failure(.memberNotFound) where !member.machine.roster.isRemoved(id):
        call.refuse(404, "No such member: \(id.hex)")
      case .failure(let status): fail(call, "error updating member \(id.hex)", status)
      }
    }
  }

  private func fail(_ call: V2Call, _ what: String, _ status: RPCStatus) {
    member.log.named("etcdserver/api/v2http")(.error, "\(what) (\(status.message))")
    call.refuse(500, "Internal Server Error")
  }

  /// The member that the path names; nil after answering that it names none.
  private func id(_ call: V2Call) -> MemberID? {
    let text = call.path(after: Self.prefix)
    if text.isEmpty {
      call.refusePlainly(405, "Method Not Allowed\n")
      return nil
    }
    guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let number = UInt64(text, radix: 16)
    else {
      call.refuse(404, "No such member: \(text)")
      return nil
    }
    return MemberID(number)
  }

  /// The peer URLs of the body, sorted; nil after answering why there are none.
  private func urls(_ call: V2Call) -> [String]? {
    var type = call.exchange.headers["content-type"] ?? ""
    if let mark = type.utf8.firstIndex(of: UInt8(ascii: ";")) {
      type = Self.trimmed(String(type[..<mark]).lowercased())
    }
    guard type == "application/json" else {
      call.refuse(415, "Bad Content-Type \(type), accept application/json")
      return nil
    }
    if call.surplus > 0 {
      call.refuse(400, "the body is longer than \(Limits.pageBodyBytes) bytes")
      return nil
    }
    do {
      var texts: [String] = []
      for text in try V2MemberURLs.texts(in: call.body) { texts.append(try EndpointURL(parsing: text).text) }
      if texts.isEmpty { throw V2MemberURLs.Fault(description: "no valid URLs given") }
      return texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch let error as EndpointURL.Failure {
      call.refuse(400, error.text)
    } catch {
      call.refuse(400, "\(error)")
    }
    return nil
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

extension MemberRecord {
  /// As etcd 3.4: v2http/httptypes/member.go.
  fileprivate var clientJSON: Bytes {
    var writer = JSONWriter()
    writer.raw("{\"id\":")
    writer.string(id.hex)
    writer.raw(",\"name\":")
    writer.string(name)
    writer.raw(",\"peerURLs\":")
    writer.value(.array(peerURLs.map { .string($0) }))
    writer.raw(",\"clientURLs\":")
    writer.value(.array(clientURLs.map { .string($0) }))
    writer.raw("}")
    return writer.bytes
  }
}
