import Base

// How a status travels: percent-encoded in the trailers of gRPC, as JSON from the gateway.
extension RPCStatus {
  /// `message` as the `grpc-message` trailer carries it. Bytes outside of printable ASCII and `%` are encoded;
  /// as grpc-go: internal/transport/http_util.go.
  package var percentEncodedMessage: String {
    let bytes = message.utf8
    if bytes.allSatisfy({ $0 >= 0x20 && $0 <= 0x7e && $0 != 0x25 }) { return message }
    var out = Bytes()
    for byte in bytes {
      if byte >= 0x20 && byte <= 0x7e && byte != 0x25 {
        out.append(byte)
      } else {
        out.append(0x25)
        out.append(upperHex(byte >> 4))
        out.append(upperHex(byte & 15))
      }
    }
    return String(utf8: out)
  }

  /// The text of a `grpc-message` trailer. Whatever is no proper escape stays as it is.
  package static func percentDecode(_ text: String) -> String {
    let bytes = Bytes(text.utf8)
    guard bytes.contains(0x25) else { return text }
    var out = Bytes()
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x25, index + 2 < bytes.count,
        let high = nibble(bytes[index + 1]), let low = nibble(bytes[index + 2])
      {
        out.append(high << 4 | low)
        index += 3
      } else {
        out.append(bytes[index])
        index += 1
      }
    }
    return String(utf8: out)
  }

  /// The gateway's body for a call that failed: `{"error":T,"message":T,"code":N}`.
  package var gatewayBody: Bytes {
    var json = JSONWriter()
    json.raw("{\"error\":")
    json.string(message)
    json.raw(",\"message\":")
    json.string(message)
    json.raw(",\"code\":")
    json.integer(UInt64(code.rawValue))
    json.raw("}")
    return json.bytes
  }

  /// The gateway's last line for a stream that failed. `http` is the reason phrase of the HTTP status.
  package var gatewayStreamBody: Bytes {
    var json = JSONWriter()
    json.raw("{\"error\":{\"grpc_code\":")
    json.integer(UInt64(code.rawValue))
    json.raw(",\"http_code\":")
    json.integer(UInt64(code.httpStatus))
    if !message.isEmpty {
      json.raw(",\"message\":")
      json.string(message)
    }
    json.raw(",\"http_status\":")
    json.string(reasonPhrase(code.httpStatus))
    json.raw("}}")
    return json.bytes
  }
}

private func upperHex(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x41 + digit - 10 }

private func nibble(_ character: UInt8) -> UInt8? {
  switch character {
  case 0x30...0x39: character - 0x30
  case 0x41...0x46: character - 0x41 + 10
  case 0x61...0x66: character - 0x61 + 10
  default: nil
  }
}

/// The reason phrases of the statuses that `StatusCode.httpStatus` knows.
private func reasonPhrase(_ status: Int) -> String {
  switch status {
  case 200: "OK"
  case 400: "Bad Request"
  case 401: "Unauthorized"
  case 403: "Forbidden"
  case 404: "Not Found"
  case 408: "Request Timeout"
  case 409: "Conflict"
  case 412: "Precondition Failed"
  case 429: "Too Many Requests"
  case 501: "Not Implemented"
  case 503: "Service Unavailable"
  case 504: "Gateway Timeout"
  default: "Internal Server Error"
  }
}
