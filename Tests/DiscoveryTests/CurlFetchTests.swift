import Base
import CShim
import Glibc
import Testing

@testable import Discovery

/// An HTTP server that says what it is told to, connection by connection.
private final class ScriptedService: Sendable {
  let port: UInt16
  private let descriptor: Int32

  init() {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    port = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, size)
        listen(descriptor, 8)
        getsockname(descriptor, $0, &size)
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
  }

  deinit { close(descriptor) }

  /// Answers one connection: each text in reply to what came since the last; an empty one says nothing. Gives what it
  /// heard, once the other end has hung up.
  func serve(_ texts: [String], _ heard: Mailbox<String>) {
    let descriptor = descriptor
    _ = Thread(name: "service") {
      let connection = accept(descriptor, nil, nil)
      for text in texts {
        heard.post(Self.request(connection))
        if !text.isEmpty { _ = write(connection, text, text.utf8.count) }
      }
      heard.post(Self.request(connection))
      close(connection)
    }
  }

  private static func request(_ connection: Int32) -> String {
    var text = Bytes()
    var part = Bytes(repeating: 0, count: 4096)
    while true {
      let count = read(connection, &part, part.count)
      guard count > 0 else { return String(utf8: text) }
      text += part[..<count]
      let whole = String(utf8: text)
      if let end = whole.firstRange(of: "\r\n\r\n") {
        let length = whole.firstMatch(of: /Content-Length: ([0-9]+)/).flatMap { Int($0.1) } ?? 0
        if whole[end.upperBound...].utf8.count >= length { return whole }
      }
    }
  }

  func question(
    _ method: String = "GET", _ path: String = "/t", body: String? = nil, timeout: TimeSpan? = .seconds(20)
  )
    -> FetchQuestion
  { FetchQuestion(method: method, url: "http://127.0.0.1:\(port)\(path)", body: body, timeout: timeout) }
}

/// What a service heard, one by one; for one thread.
private final class Ear {
  let box = Mailbox<String>()
  private var waiting: [String] = []

  func next() -> String {
    if waiting.isEmpty { waiting = box.waitForAll() ?? [] }
    return waiting.isEmpty ? "" : waiting.removeFirst()
  }
}

@Suite(.serialized) struct CurlFetchTests {
  @Test("status, index and body; two questions on one connection; a form")
  func two() throws {
    let service = ScriptedService()
    let heard = Ear()
    service.serve(
      [
        "HTTP/1.1 200 OK\r\nX-Etcd-Index: 77\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
      ], heard.box)
    do {
      let fetch = try CurlFetch(proxy: "")
      let none = Cancellation()
      #expect(fetch.answer(to: service.question(), none) == .answered(status: 200, index: 77, body: "hi".bytes))
      let put = service.question("PUT", "/t/1?prevExist=false", body: "value=a%3Db")
      #expect(fetch.answer(to: put, none) == .answered(status: 201, index: nil, body: []))
    }
    let first = heard.next()
    #expect(first.hasPrefix("GET /t HTTP/1.1\r\n"))
    #expect(!first.contains("Expect"))
    let second = heard.next()
    #expect(second.hasPrefix("PUT /t/1?prevExist=false HTTP/1.1\r\n"))
    #expect(second.contains("Content-Type: application/x-www-form-urlencoded\r\n"))
    #expect(second.hasSuffix("\r\n\r\nvalue=a%3Db"))
  }

  @Test("a redirection takes the method and the form along")
  func redirection() throws {
    let service = ScriptedService()
    let heard = Ear()
    service.serve(
      [
        "HTTP/1.1 302 Found\r\nLocation: /other\r\nX-Etcd-Index: 1\r\nContent-Length: 3\r\n\r\nold",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew",
      ], heard.box)
    do {
      let fetch = try CurlFetch(proxy: "")
      let answer = fetch.answer(to: service.question("PUT", "/t", body: "value=1"), Cancellation())
      #expect(answer == .answered(status: 200, index: nil, body: "new".bytes))
    }
    _ = heard.next()
    let second = heard.next()
    #expect(second.hasPrefix("PUT /other HTTP/1.1\r\n"))
    #expect(second.hasSuffix("value=1"))
  }

  @Test("an answer beyond its bound is none")
  func tooLarge() throws {
    let service = ScriptedService()
    let heard = Ear()
    let size = Limits.discoveryAnswerBytes + 1
    service.serve(
      ["HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n" + String(repeating: "x", count: size)], heard.box)
    let fetch = try CurlFetch(proxy: "")
    guard case .unreachable(let text) = fetch.answer(to: service.question(), Cancellation()) else {
      return #expect(Bool(false))
    }
    #expect(text.contains("larger than 1048576 bytes"))
  }

  @Test("a service that keeps silent is given up after its time")
  func slow() throws {
    let service = ScriptedService()
    service.serve([""], Mailbox<String>())
    let fetch = try CurlFetch(proxy: "")
    guard
      case .unreachable(let text) = fetch.answer(
        to: service.question(timeout: .milliseconds(200)), Cancellation())
    else { return #expect(Bool(false)) }
    #expect(text.contains("timed out") || text.contains("imeout"))
  }

  @Test("a wait without end can be ended from another thread")
  func cancelled() throws {
    let service = ScriptedService()
    let heard = Ear()
    service.serve([""], heard.box)
    let fetch = try CurlFetch(proxy: "")
    let cancellation = Cancellation()
    #expect(!cancellation.isCancelled)
    let box = heard.box
    _ = Thread(name: "giver-up") {
      _ = box.waitForAll()
      cancellation.cancel()
    }
    #expect(fetch.answer(to: service.question(timeout: nil), cancellation) == .cancelled)
    #expect(cancellation.isCancelled)
  }

  @Test("the environment's proxies do not count, the one that is named does")
  func proxies() throws {
    setenv("http_proxy", "http://127.0.0.1:1", 1)
    defer { unsetenv("http_proxy") }
    let service = ScriptedService()
    let heard = Ear()
    service.serve(["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], heard.box)
    do {
      let direct = try CurlFetch(proxy: "")
      #expect(
        direct.answer(to: service.question(), Cancellation()) == .answered(status: 200, index: nil, body: []))
    }
    _ = heard.next()
    let proxy = ScriptedService()
    let passed = Ear()
    proxy.serve(["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], passed.box)
    do {
      let fetch = try CurlFetch(proxy: "http://127.0.0.1:\(proxy.port)")
      let question = FetchQuestion(
        method: "GET", url: "http://nowhere.invalid/t", body: nil, timeout: .seconds(20))
      #expect(fetch.answer(to: question, Cancellation()) == .answered(status: 200, index: nil, body: []))
    }
    #expect(passed.next().hasPrefix("GET http://nowhere.invalid/t HTTP/1.1\r\n"))
  }

  @Test("nobody there; no such scheme")
  func refused() throws {
    let fetch = try CurlFetch(proxy: "")
    for url in ["http://127.0.0.1:1/t", "file:///etc/passwd"] {
      let question = FetchQuestion(method: "GET", url: url, body: nil, timeout: .seconds(20))
      guard case .unreachable(let text) = fetch.answer(to: question, Cancellation()) else {
        return #expect(Bool(false), "\(url)")
      }
      #expect(text.hasPrefix("GET \(url): "))
    }
  }
}
