import Base
import COpenSSL

/// Bytes that nobody can guess: for tokens and stand-ins for passwords, not for decisions of the state machine.
package func secureRandomBytes(_ count: Int) -> Bytes {
  var bytes = Bytes(repeating: 0, count: count)
  invariant(RAND_bytes(&bytes, Int32(count)) == 1, "the system has no randomness to give")
  return bytes
}

/// Letters that nobody can guess, all 52 equally likely.
package func secureRandomLetters(_ count: Int) -> String {
  let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".bytes
  var text = Bytes()
  while text.count < count {
    // 208 is the largest multiple of 52 in a byte: above it some letters would be likelier.
    for byte in secureRandomBytes(count) where byte < 208 && text.count < count {
      text.append(letters[Int(byte) % 52])
    }
  }
  return String(utf8: text)
}
