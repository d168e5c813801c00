import Base
import CLibcurl
import CShim
import Glibc

/// Asks questions over HTTP, one at a time and on one kept connection. Blocks its thread.
///
/// As etcd 3.4: the v2 client with the transport of v2discovery/discovery.go: the system's certificates, a proxy only
/// where one is named (the environment's are not looked at), redirections followed.
final class CurlFetch {
  private let easy: UnsafeMutableRawPointer
  private let multi: UnsafeMutableRawPointer
  private let proxy: String

  /// `proxy` is a URL, or empty. Throws where libcurl is missing.
  init(proxy: String) throws(DiscoveryFailure) {
    if let reason = ccurl_load() {
      throw .refused("discovery needs libcurl (Debian's libcurl4): \(String(cString: reason))")
    }
    guard let easy = ccurl_easy_init() else { throw .refused("libcurl: no memory") }
    guard let multi = ccurl_multi_init() else {
      ccurl_easy_cleanup(easy)
      throw .refused("libcurl: no memory")
    }
    self.easy = easy
    self.multi = multi
    self.proxy = proxy
  }

  deinit {
    ccurl_easy_cleanup(easy)
    ccurl_multi_cleanup(multi)
  }

  func answer(to question: FetchQuestion, _ cancellation: Cancellation) -> FetchAnswer {
    ccurl_easy_reset(easy)  // keeps the connection
    let received = Received()
    let headers = ccurl_list_append(nil, "Expect:")
    defer { ccurl_list_free(headers) }
    // What curl keeps a pointer to lives until the end of this call.
    return withExtendedLifetime((received, question)) {
      question.withBody { body in
        prepare(question, body, received, headers)
        return perform(question, received, cancellation)
      }
    }
  }

  private func prepare(
    _ question: FetchQuestion, _ body: UnsafePointer<CChar>?, _ received: Received,
    _ headers: UnsafeMutablePointer<curl_slist>?
  ) {
    func set(_ option: CURLoption, _ value: Int) { ccurl_set_number(easy, option, value) }
    ccurl_set_text(easy, CURLOPT_URL, question.url)
    ccurl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    ccurl_set_text(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    ccurl_set_text(easy, CURLOPT_CUSTOMREQUEST, question.method)
    if let body {
      set(CURLOPT_POSTFIELDSIZE, strlen(body))
      ccurl_set_pointer(easy, CURLOPT_POSTFIELDS, body)
      set(CURLOPT_POSTREDIR, 7)  // the body goes along with 301, 302 and 303
    }
    ccurl_set_pointer(easy, CURLOPT_HTTPHEADER, headers)
    ccurl_set_text(easy, CURLOPT_USERAGENT, "etcd/\(etcdVersion)")
    // Empty texts, so that the environment's http_proxy and no_proxy do not count.
    ccurl_set_text(easy, CURLOPT_PROXY, proxy)
    ccurl_set_text(easy, CURLOPT_NOPROXY, "")
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    set(CURLOPT_FOLLOWLOCATION, 1)
    set(CURLOPT_MAXREDIRS, Limits.discoveryRedirects)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_CONNECTTIMEOUT_MS, Int(Limits.discoveryConnect.milliseconds))
    set(CURLOPT_TIMEOUT_MS, question.timeout.map { Int($0.milliseconds) } ?? 0)
    // A wait may last for days; a service that vanished without a word must be noticed.
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_TCP_KEEPIDLE, 30)
    set(CURLOPT_TCP_KEEPINTVL, 30)
    trust()
    ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, received.failure)
    let context = Unmanaged.passUnretained(received).toOpaque()
    ccurl_set_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      Received.of(context).take(body: bytes, size * count)
    }
    ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    ccurl_set_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      Received.of(context).take(header: bytes, size * count)
    }
    ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
  }

  /// The two variables by which Go's programs, unlike libcurl's, are told of other certificates than the system's.
  /// As Go: crypto/x509, root_unix.go.
  private func trust() {
    if let file = getenv("SSL_CERT_FILE"), file[0] != 0 { ccurl_set_text(easy, CURLOPT_CAINFO, file) }
    if let directory = getenv("SSL_CERT_DIR"), directory[0] != 0 {
      ccurl_set_text(easy, CURLOPT_CAPATH, directory)
    }
  }

  private func perform(
    _ question: FetchQuestion, _ received: Received, _ cancellation: Cancellation
  ) -> FetchAnswer {
    guard ccurl_multi_add(multi, easy) == CURLM_OK else { return .unreachable("libcurl: no memory") }
    defer { ccurl_multi_remove(multi, easy) }
    var running: Int32 = 1
    var result = CURLE_OK
    while true {
      let code = ccurl_multi_perform(multi, &running)
      guard code == CURLM_OK else { return .unreachable("libcurl: error \(code.rawValue)") }
      if ccurl_multi_ended(multi, &result) != 0 { break }
      if ccurl_multi_wait(multi, cancellation.descriptor, 1_000) != 0 { return .cancelled }
    }
    if received.isTooLarge {
      return .unreachable("\(question.url): the answer is larger than \(Limits.discoveryAnswerBytes) bytes")
    }
    guard result == CURLE_OK else {
      return .unreachable("\(question.method) \(question.url): \(received.reason(result))")
    }
    return .answered(status: ccurl_status(easy), index: received.index, body: received.body)
  }
}

extension FetchQuestion {
  fileprivate func withBody<R>(_ use: (UnsafePointer<CChar>?) -> R) -> R {
    guard let body else { return use(nil) }
    return body.withCString { use($0) }
  }
}

/// What libcurl's callbacks collect.
private final class Received {
  private(set) var body = Bytes()
  private(set) var index: UInt64?
  private(set) var isTooLarge = false
  let failure: UnsafeMutablePointer<CChar>

  init() {
    failure = .allocate(capacity: Int(CURL_ERROR_SIZE))
    failure.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit { failure.deallocate() }

  static func of(_ context: UnsafeMutableRawPointer?) -> Received {
    guard let context else { broken("libcurl forgot its context") }
    return Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
  }

  /// Less than `count` ends the transfer.
  func take(body bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    guard body.count + count <= Limits.discoveryAnswerBytes else {
      isTooLarge = true
      return 0
    }
    body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
    return count
  }

  func take(header bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    let line = String(utf8: UnsafeRawBufferPointer(start: bytes, count: count))
    if line.hasPrefix("HTTP/") {  // a new answer: the former was a redirection
      index = nil
      body = []
    } else if line.lowercased().hasPrefix("x-etcd-index:") {
      index = UInt64(line.dropFirst(13).filter { !$0.isWhitespace })
    }
    return count
  }

  func reason(_ code: CURLcode) -> String {
    let text = String(cString: failure)
    return text.isEmpty ? ccurl_text(code).map { String(cString: $0) } ?? "error \(code.rawValue)" : text
  }
}
