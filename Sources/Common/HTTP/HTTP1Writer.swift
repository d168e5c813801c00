import Base

/// Writes heads and chunks of HTTP/1.1, laid out as Go's net/http does.
package enum HTTP1Writer {
  /// A reply's status line and fields. Fields are sorted by name, then come those of the connection itself.
  static func replyHead(
    _ output: OutputBuffer, isHTTP10: Bool = false, _ status: Int, _ headers: HeaderList, date: Bytes,
    own: [(StaticString, String)]
  ) {
    output.append(isHTTP10 ? "HTTP/1.0 " : "HTTP/1.1 ")
    output.append(decimal: status)
    output.append(" ")
    output.append(reason(status))
    output.append("\r\n")
    fields(output, headers)
    if !date.isEmpty, !headers.contains("date") {
      output.append("Date: ")
      output.append(date)
      output.append("\r\n")
    }
    for (name, value) in own {
      output.append(name)
      output.append(": ")
      output.append(value)
      output.append("\r\n")
    }
    output.append("\r\n")
  }

  /// Fields sorted by name, as Go writes its header map; equal names keep their order.
  static func fields(_ output: OutputBuffer, _ headers: HeaderList) {
    guard !headers.isEmpty else { return }
    headers.withRawFields { list in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: headers.count) { order in
        for index in 0..<headers.count {
          var position = index
          while position > 0, compareBytes(list.name(Int(order[position - 1])), list.name(index)) > 0 {
            order[position] = order[position - 1]
            position -= 1
          }
          order[position] = Int32(index)
        }
        for index in order.prefix(headers.count) {
          name(output, list.name(Int(index)))
          output.append(": ")
          output.append(list.value(Int(index)))
          output.append("\r\n")
        }
      }
    }
  }

  /// A name with Go's capitals: the first letter and each one after a dash.
  static func name(_ output: OutputBuffer, _ name: UnsafeRawBufferPointer) {
    output.append(count: name.count) { memory in
      var isStart = true
      for index in 0..<name.count {
        let byte = name[index]
        memory[index] = isStart && byte &- 0x61 < 26 ? byte & 0xDF : byte
        isStart = byte == 0x2D
      }
    }
  }

  static func chunk(_ output: OutputBuffer, _ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else { return }
    output.append(String(bytes.count, radix: 16))
    output.append("\r\n")
    output.append(bytes)
    output.append("\r\n")
  }

  static func lastChunk(_ output: OutputBuffer, _ trailers: HeaderList) {
    output.append("0\r\n")
    fields(output, trailers)
    output.append("\r\n")
  }

  /// A request's line and fields; `Host` comes first, then as the list says, sorted.
  static func requestHead(_ output: OutputBuffer, _ request: Request, own: [(StaticString, String)]) {
    output.append(request.method)
    output.append(" ")
    output.append(request.path)
    output.append(" HTTP/1.1\r\nHost: ")
    output.append(request.authority)
    output.append("\r\n")
    fields(output, request.headers)
    for (name, value) in own {
      output.append(name)
      output.append(": ")
      output.append(value)
      output.append("\r\n")
    }
    output.append("\r\n")
  }

  /// Go's answer to input that is no request: short, and the end of the connection.
  static func refusal(_ output: OutputBuffer, _ fault: HTTP1Fault) {
    var text = "\(fault.status) \(reason(fault.status))"
    output.append("HTTP/1.1 ")
    if fault.status != 501, !fault.detail.isEmpty { text += ": \(fault.detail)" }
    output.append(text)
    output.append("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")
    output.append(fault.status == 501 ? fault.detail : text)
  }

  /// Phrases as Go's http.StatusText has them.
  package static func reason(_ status: Int) -> String {
    switch status {
    case 100: "Continue"
    case 101: "Switching Protocols"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 203: "Non-Authoritative Information"
    case 204: "No Content"
    case 205: "Reset Content"
    case 206: "Partial Content"
    case 300: "Multiple Choices"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 411: "Length Required"
    case 412: "Precondition Failed"
    case 413: "Request Entity Too Large"
    case 414: "Request URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 421: "Misdirected Request"
    case 422: "Unprocessable Entity"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    case 507: "Insufficient Storage"
    default: "status code \(status)"
    }
  }
}
