import Base
import Doors
import Event
import HTTP
import Machine
import Wire

/// `/v2/keys`: reads from the tree at once, everything else through the log. As etcd 3.4: v2http/client.go and v2_server.go.
struct V2Keys {
  static let prefix = "/v2/keys"
  unowned let desk: V2Desk
  private var member: Member { desk.member }

  func answer(_ call: V2Call) {
    call.clusterField = member.clusterID.hex
    let began = member.loop.clock
    let key = V2Path.trimmed(call.path, prefix: Self.prefix)
    let asked: V2KeyRequest
    do throws(V2Error) {
      asked = try V2KeyRequest(
        method: call.methodText, path: key, form: call.form(), unixNow: member.loop.wallNanoseconds)
    } catch { return call.fail(error) }
    desk.guardian.admit(call, toKey: key, recursive: asked.request.recursive) { isAdmitted in
      guard isAdmitted else { return call.fail(V2Error(.unauthorized, cause: "Insufficient credentials")) }
      carryOut(asked, call, began)
    }
  }

  private func carryOut(_ asked: V2KeyRequest, _ call: V2Call, _ began: Instant) {
    var request = asked.request
    if request.wait { return desk.watches.begin(request, call) }
    if request.quorum, call.method == .get { request.method = "QGET" }
    let name = request.method
    member.metrics.pages[name, default: PageFigures()].received += 1
    desk.perform(request) { [unowned member] outcome in
      switch outcome {
      case .success(let event):
        reply(event, hidesNodes: asked.hidesNodes, call)
        member.metrics.pages[name]?.durations.observe(member.loop.clock - began)
      case .failure(let error):
        call.fail(error.forClient)
        member.metrics.pages[name]?.failed[error.status, default: 0] += 1
      }
    }
  }

  private func reply(_ event: V2Event, hidesNodes: Bool, _ call: V2Call) {
    call.reply(
      event.isCreation ? 201 : 200, desk.fields(index: event.etcdIndex),
      event.clientLine(hidesNodes: hidesNodes))
  }
}
