import Base
import Config
import Machine

/// Signed tokens as clients send them, and the option that names their keys. What is read as a token says the same when
/// it is written again.
func fuzzToken(_ bytes: UnsafeRawBufferPointer) {
  let text = String(utf8: Bytes(bytes))
  _ = try? TokenChoice(parsing: text)
  guard let token = WebToken(text) else { return }
  invariant(token.signed.count < text.utf8.count, "a token is no longer than what of it is signed")
  _ = token.isDue(unixSeconds: 1_700_000_000)
  let expiry = token.expiry ?? 0
  let unsigned = WebToken.unsigned(token.credential, algorithm: token.algorithm, expiry: expiry)
  let written = WebToken.text(signed: unsigned, signature: token.signature)
  guard let again = WebToken(written) else {
    // Escapes may have made it too long.
    return invariant(written.utf8.count > Limits.webTokenBytes, "a token that was written is not read")
  }
  invariant(again.credential == token.credential, "a token names another user after writing")
  invariant(again.algorithm == token.algorithm && again.expiry == expiry, "a token changes in writing")
  invariant(again.signature == token.signature && again.signed == unsigned, "a token's parts change in writing")
}

func tokenSeeds() -> [(name: String, bytes: Bytes)] {
  let who = Credential(user: "root", revision: 12)
  let unsigned = WebToken.unsigned(who, algorithm: "RS256", expiry: 1_700_000_000)
  return [
    ("token", WebToken.text(signed: unsigned, signature: [1, 2, 3, 4, 255]).bytes),
    ("free", "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VybmFtZSI6ImEiLCJyZXZpc2lvbiI6MSwibmJmIjoxfQ.AAAA".bytes),
    ("option", "jwt,pub-key=a.pem,priv-key=b.pem,sign-method=ES256,ttl=1h30m".bytes),
  ]
}
