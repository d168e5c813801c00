import Base
import Testing

@testable import Proxy

@Suite struct PageQuestionTests {
  @Test("only the version as members tell it says that a connection answers plain requests")
  func page() {
    #expect(PageQuestion.isPage(status: 200, #"{"etcdserver":"3.4.23","etcdcluster":"3.4.0"}"#.bytes))
    #expect(!PageQuestion.isPage(status: 404, #"{"etcdserver":"3.4.23","etcdcluster":"3.4.0"}"#.bytes))
    // What a gRPC server says of a request without its content type, and what anybody's page may be.
    #expect(!PageQuestion.isPage(status: 415, []))
    #expect(!PageQuestion.isPage(status: 200, []))
    #expect(!PageQuestion.isPage(status: 200, "<html>".bytes))
    #expect(!PageQuestion.isPage(status: 200, #"{"version":"1"}"#.bytes))
  }
}
