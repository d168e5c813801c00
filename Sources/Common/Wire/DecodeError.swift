/// Why bytes are no message.
package enum DecodeError: Error, Equatable, Sendable {
  /// The bytes end inside a field.
  case truncated
  /// A varint of more than ten bytes.
  case overlongVarint
  /// A tag with field number 0 or beyond what protobuf allows.
  case illegalTag
  /// A known field written with another wire type than its own.
  case wrongWireType(field: UInt32)
  /// Wire types 6 and 7 do not exist.
  case illegalWireType(UInt8)
  /// The end of a group that was never begun, or another group's end.
  case strayEndGroup
  /// Messages inside messages beyond `Limits.wireNesting`.
  case tooDeep
}

extension DecodeError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .truncated: "unexpected EOF"
    case .overlongVarint: "proto: integer overflow"
    case .illegalTag: "proto: illegal tag"
    case .wrongWireType(let field): "proto: wrong wireType for field \(field)"
    case .illegalWireType(let type): "proto: illegal wireType \(type)"
    case .strayEndGroup: "proto: wiretype end group for non-group"
    case .tooDeep: "proto: messages nested too deeply"
    }
  }
}
