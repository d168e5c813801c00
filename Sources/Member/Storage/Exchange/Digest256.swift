import Base
import COpenSSL

/// SHA-256 over bytes as they come.
package struct Digest256: ~Copyable {
  static let length = 32
  private let context: OpaquePointer

  init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      broken("SHA-256 is not available")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    invariant(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "SHA-256 failed")
  }

  /// Call once, at the end.
  func finish() -> Bytes {
    Bytes(unsafeUninitializedCapacity: Self.length) { buffer, count in
      invariant(EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1, "SHA-256 failed")
      count = Self.length
    }
  }

  package static func of(_ bytes: UnsafeRawBufferPointer) -> Bytes {
    let digest = Digest256()
    digest.update(bytes)
    return digest.finish()
  }
}
