import Base
import Testing

@testable import Server

@Suite struct PasswordTests {
  @Test("a hash is the one of etcd: 2a, its cost, 60 bytes")
  func form() throws {
    let hash = try Passwords.hash("secret", cost: 4)
    #expect(String(utf8: hash.prefix(7)) == "$2a$04$")
    #expect(hash.count == 60)
    #expect(Passwords.matches("secret", hash))
    #expect(!Passwords.matches("Secret", hash))
    #expect(try Passwords.hash("secret", cost: 4) != hash)
  }

  /// Made by Go's golang.org/x/crypto/bcrypt through Debian's etcd.
  @Test(
    "hashes of Go are understood",
    arguments: [
      ("secret", "$2a$04$JlQvadTf.5KVXV6Z48mnQOgnrz5K0tB742XyC6jeBNzRPvkrPklsS"),
      ("pässwört", "$2a$04$pHZ6o4nF0SmGmGjc7s0You7T53InBwf2aBHLbLHrx15wt2qA9HLde"),
      ("", "$2a$04$IbRzQGfqdb23Db5pAilayuBe0uo1WSaQsNVTHnDd8KoWm1obn0dny"),
    ])
  func fromGo(password: String, hash: String) {
    #expect(Passwords.matches(password, hash.bytes))
    #expect(!Passwords.matches(password + "x", hash.bytes))
  }

  @Test("what cannot be kept faithfully is refused")
  func refusals() {
    #expect(throws: Passwords.Failure.tooLong) {
      try Passwords.hash(String(repeating: "a", count: 73), cost: 4)
    }
    #expect(throws: Passwords.Failure.holdsZero) { try Passwords.hash("a\0b", cost: 4) }
  }

  @Test("a zero byte does not end a password", arguments: ["a\0b", "a\0"])
  func zero(password: String) throws {
    let hash = try Passwords.hash("a", cost: 4)
    #expect(!Passwords.matches(password, hash))
  }

  @Test("what is no hash matches nothing", arguments: ["", "*", "$2a$", "$1$salt$hash", "hash of x"])
  func noHash(hash: String) { #expect(!Passwords.matches("x", hash.bytes)) }
}
