import Base
import HTTP

/// The server's HTTP/1.1: however the bytes are cut, the same requests are heard and the same answers given.
/// The first byte chooses the cuts.
func fuzzHTTP1(_ bytes: UnsafeRawBufferPointer) {
  var program = Program(bytes)
  let seed = program.byte()
  let input = program.rest()
  let whole = serve(input, start: .http1, pieces: 0)
  let cut = serve(input, start: .http1, pieces: max(1, seed))
  invariant(whole.output == cut.output, "HTTP/1.1 answers depend on how the bytes are cut")
  invariant(whole.heard == cut.heard, "HTTP/1.1 requests depend on how the bytes are cut")
}

func http1Seeds() -> [(name: String, bytes: Bytes)] {
  let length = "POST /v2/keys/a?wait=true HTTP/1.1\r\nHost: h:1\r\nContent-Length: 5\r\n\r\nhello"
  let chunked =
    "PUT /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n"
  let expecting = "POST /c HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab"
  let old = "GET http://host.example:80/a?q=1%202 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
  let row = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nHEAD /22 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
  return [
    ("length", [1] + length.bytes), ("chunked", [2] + chunked.bytes), ("expecting", [3] + expecting.bytes),
    ("old", [4] + old.bytes), ("row", [5] + row.bytes),
  ]
}
