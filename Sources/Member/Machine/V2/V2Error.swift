import Base

/// An answer of the v2 API that is no success: code, cause and the store's index.
/// As etcd 3.4: etcdserver/api/v2error/error.go.
package struct V2Error: Error, Sendable, Equatable {
  package enum Code: Int, Sendable, CaseIterable {
    case keyNotFound = 100
    case testFailed = 101
    case notFile = 102
    case noMorePeer = 103
    case notDirectory = 104
    case nodeExists = 105
    case keyIsPreserved = 106
    case rootIsReadOnly = 107
    case directoryNotEmpty = 108
    case peerAddressExists = 109
    case unauthorized = 110
    case valueRequired = 200
    case previousValueRequired = 201
    case ttlNotANumber = 202
    case indexNotANumber = 203
    case valueOrTTLRequired = 204
    case timeoutNotANumber = 205
    case nameRequired = 206
    case indexOrValueRequired = 207
    case indexAndValueExclude = 208
    case invalidField = 209
    case invalidForm = 210
    case refreshValue = 211
    case refreshTTLRequired = 212
    case raftInternal = 300
    case leaderElection = 301
    case watcherCleared = 400
    case eventIndexCleared = 401
    case standbyInternal = 402
    case invalidActiveSize = 403
    case invalidRemoveDelay = 404
    case clientInternal = 500
  }

  package var code: Code
  package var cause: String
  package var index: UInt64

  package init(_ code: Code, cause: String = "", index: UInt64 = 0) {
    self.code = code
    self.cause = cause
    self.index = index
  }

  /// The HTTP status of the reply.
  package var status: Int {
    switch code {
    case .keyNotFound: 404
    case .notFile, .directoryNotEmpty: 403
    case .unauthorized: 401
    case .testFailed, .nodeExists: 412
    case .raftInternal, .leaderElection: 500
    default: 400
    }
  }

  /// The body of the reply, without the line feed that follows it.
  package var json: Bytes {
    var writer = JSONWriter()
    writer.raw("{\"errorCode\":")
    writer.integer(Int64(code.rawValue))
    writer.raw(",\"message\":")
    writer.string(code.message)
    if !cause.isEmpty {
      writer.raw(",\"cause\":")
      writer.string(cause)
    }
    writer.raw(",\"index\":")
    writer.integer(index)
    writer.raw("}")
    return writer.bytes
  }
}

extension V2Error.Code {
  package var message: String {
    switch self {
    case .keyNotFound: "Key not found"
    case .testFailed: "Compare failed"
    case .notFile: "Not a file"
    case .noMorePeer: "Reached the max number of peers in the cluster"
    case .notDirectory: "Not a directory"
    case .nodeExists: "Key already exists"
    case .keyIsPreserved: "The prefix of given key is a keyword in etcd"
    case .rootIsReadOnly: "Root is read only"
    case .directoryNotEmpty: "Directory not empty"
    case .peerAddressExists: "Peer address has existed"
    case .unauthorized: "The request requires user authentication"
    case .valueRequired: "Value is Required in POST form"
    case .previousValueRequired: "PrevValue is Required in POST form"
    case .ttlNotANumber: "The given TTL in POST form is not a number"
    case .indexNotANumber: "The given index in POST form is not a number"
    case .valueOrTTLRequired: "Value or TTL is required in POST form"
    case .timeoutNotANumber: "The given timeout in POST form is not a number"
    case .nameRequired: "Name is required in POST form"
    case .indexOrValueRequired: "Index or value is required"
    case .indexAndValueExclude: "Index and value cannot both be specified"
    case .invalidField: "Invalid field"
    case .invalidForm: "Invalid POST form"
    case .refreshValue: "Value provided on refresh"
    case .refreshTTLRequired: "A TTL must be provided on refresh"
    case .raftInternal: "Raft Internal Error"
    case .leaderElection: "During Leader Election"
    case .watcherCleared: "watcher is cleared due to etcd recovery"
    case .eventIndexCleared: "The event in requested index is outdated and cleared"
    case .standbyInternal: "Standby Internal Error"
    case .invalidActiveSize: "Invalid active size"
    case .invalidRemoveDelay: "Standby remove delay"
    case .clientInternal: "Client Internal Error"
    }
  }
}
