import Base
import Machine
import Wire

// Answers of the machine as reply messages.

extension Member {
  /// Cluster, member and term added to a header that carries the revision; a missing revision becomes the newest.
  /// As etcd 3.4: api/v3rpc/header.go.
  func filled(_ header: ResponseHeader?) -> ResponseHeader {
    var full = self.header()
    if let revision = header?.revision, revision != 0 { full.revision = revision }
    return full
  }

  func answer(_ call: Call, _ answer: Answer) {
    switch answer {
    case .put(let result): reply(call, result)
    case .deleteRange(let result): reply(call, result)
    case .txn(var response):
      response.header = filled(response.header)
      call.reply(response)
    case .compaction(var response):
      response.header = filled(response.header)
      call.reply(response)
    case .leaseGrant(var response):
      response.header = filled(response.header)
      call.reply(response)
    case .leaseRevoke(var response):
      response.header = filled(response.header)
      call.reply(response)
    // As etcd 3.4: the header of an alarm's reply is absent.
    case .alarm(let response): call.reply(response)
    case .auth(let response): reply(call, response)
    case .nothing, .v2, .signedIn: call.fail(.unmapped("etcdserver: an entry without an answer"))
    case .failed(let status): call.fail(status)
    }
  }

  private func reply(_ call: Call, _ response: some AuthReply) {
    var response = response
    response.header = header()
    call.reply(response)
  }

  /// Previous records go from the store into the reply as they are.
  private func reply(_ call: Call, _ result: PutResult) {
    let header = filled(ResponseHeader(revision: result.revision))
    let headerSize = header.encodedSize
    var size = 1 + WireSize.delimited(headerSize)
    if let previous = result.previous { size += 1 + WireSize.delimited(previous.count) }
    call.reply(byteCount: size) { writer in
      writer.byte(0x0a)
      writer.message(header)
      if let previous = result.previous {
        writer.byte(0x12)
        writer.bytes(previous)
      }
    }
  }

  private func reply(_ call: Call, _ result: DeleteResult) {
    let header = filled(ResponseHeader(revision: result.revision))
    var size = 1 + WireSize.delimited(header.encodedSize)
    if result.deleted != 0 { size += 1 + WireSize.varint(UInt64(result.deleted)) }
    for record in result.previous { size += 1 + WireSize.delimited(record.count) }
    call.reply(byteCount: size) { writer in
      writer.byte(0x0a)
      writer.message(header)
      if result.deleted != 0 {
        writer.byte(0x10)
        writer.varint(UInt64(result.deleted))
      }
      for record in result.previous {
        writer.byte(0x1a)
        writer.bytes(record)
      }
    }
  }
}
