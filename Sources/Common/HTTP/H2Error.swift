/// Error codes of RST_STREAM and GOAWAY (RFC 9113, section 7).
package struct H2Error: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  package var rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }
  package static let noError = H2Error(rawValue: 0)
  package static let protocolError = H2Error(rawValue: 1)
  package static let internalError = H2Error(rawValue: 2)
  package static let flowControlError = H2Error(rawValue: 3)
  package static let streamClosed = H2Error(rawValue: 5)
  package static let frameSizeError = H2Error(rawValue: 6)
  package static let refusedStream = H2Error(rawValue: 7)
  package static let cancel = H2Error(rawValue: 8)
  package static let enhanceYourCalm = H2Error(rawValue: 11)
  package static let inadequateSecurity = H2Error(rawValue: 12)

  private static let names = [
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
  ]
  /// The name as RFC 9113 spells it (and Go's http2 prints it).
  package var description: String {
    rawValue < Self.names.count
      ? Self.names[Int(rawValue)] : "unknown error code 0x\(String(rawValue, radix: 16))"
  }
}
