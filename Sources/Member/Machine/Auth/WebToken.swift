import Base

/// A JSON web token: who its bearer is, until when, and what must be signed. Text only; keys are somebody else's.
///
/// As RFC 7515 and 7519, and etcd 3.4: auth/jwt.go.
package struct WebToken: Equatable, Sendable {
  package var algorithm: String
  package var credential: Credential
  /// Seconds since 1970; nil where it never ends.
  package var expiry: Int64?
  /// Nil where it is good at once.
  package var notBefore: Int64?
  /// The part that is signed: header and claims, encoded.
  package var signed: Bytes
  package var signature: Bytes

  // MARK: Writing

  /// The part to be signed of a new token; fields in the order Go prints them.
  package static func unsigned(_ who: Credential, algorithm: String, expiry: Int64) -> Bytes {
    var header = JSONWriter()
    header.raw("{\"alg\":")
    header.string(algorithm)
    header.raw(",\"typ\":\"JWT\"}")
    var claims = JSONWriter()
    claims.raw("{\"exp\":")
    claims.integer(expiry)
    claims.raw(",\"revision\":")
    claims.integer(who.revision)
    claims.raw(",\"username\":")
    claims.string(who.user)
    claims.raw("}")
    return encode(header.bytes) + [0x2E] + encode(claims.bytes)
  }

  /// The token's text.
  package static func text(signed: Bytes, signature: Bytes) -> String {
    String(utf8: signed + [0x2E] + encode(signature))
  }

  // MARK: Reading

  /// What a text says, not whether it is true. Nil for anything that is no token, or names no user or revision, which
  /// must not end a member as it did before 3.4.25.
  package init?(_ text: String) {
    let parts = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
    guard parts.count == 3, text.utf8.count <= Limits.webTokenBytes else { return nil }
    guard let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
      let signature = Self.decode(parts[2]), let algorithm = header["alg"]?.string,
      let user = claims["username"]?.string, let revision = claims["revision"]?.double,
      revision >= 0, revision < 0x1p63
    else { return nil }
    self.algorithm = algorithm
    self.signature = signature
    credential = Credential(user: user, revision: UInt64(revision))
    signed = Bytes(parts[0]) + [0x2E] + Bytes(parts[1])
    for (name, field) in [("exp", \WebToken.expiry), ("nbf", \WebToken.notBefore)] {
      guard let claim = claims[name] else { continue }
      guard let seconds = claim.double, seconds.magnitude < 0x1p62 else { return nil }
      self[keyPath: field] = Int64(seconds)
    }
  }

  /// Whether its time has come and is not over.
  package func isDue(unixSeconds now: Int64) -> Bool {
    now <= expiry ?? .max && now >= notBefore ?? .min
  }

  private static func object(_ part: Substring.UTF8View) -> JSONValue? {
    guard let bytes = decode(part), let value = try? JSONValue(parsing: bytes), value.members != nil else {
      return nil
    }
    return value
  }

  // MARK: Base64 without padding, with the alphabet for URLs

  private static func encode(_ content: Bytes) -> Bytes {
    var out = Base64.encode(content).bytes
    while out.last == 0x3D { out.removeLast() }
    for index in out.indices {
      if out[index] == 0x2B { out[index] = 0x2D } else if out[index] == 0x2F { out[index] = 0x5F }
    }
    return out
  }

  private static func decode(_ part: Substring.UTF8View) -> Bytes? {
    var text = Bytes()
    text.reserveCapacity(part.count + 3)
    for byte in part {
      switch byte {
      case 0x2D: text.append(0x2B)
      case 0x5F: text.append(0x2F)
      // Of the other alphabet.
      case 0x2B, 0x2F, 0x3D, 0x0A, 0x0D: return nil
      default: text.append(byte)
      }
    }
    while text.count % 4 != 0 { text.append(0x3D) }
    return try? Base64.decode(String(utf8: text))
  }
}
