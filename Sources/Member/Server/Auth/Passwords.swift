import Base
import CCrypt
import Wire

/// Hashes of passwords: bcrypt as etcd stores it (`$2a$`, 60 bytes). Slow on purpose, so never called on the loop but for
/// what members of 3.4 put into the log as clear text.
enum Passwords {
  enum Failure: Error {
    /// Only the first 72 bytes would count, so that is not what its owner meant. As etcd 3.4.45.
    case tooLong
    /// The library reads no further than a zero byte.
    case holdsZero
    case unhashable
  }

  private static let longest = 72
  /// The size of `crypt_data`, whose largest part Swift does not import.
  private static let workBytes = 32_768

  /// - Parameter cost: the logarithm of the work, 4 to 31.
  static func hash(_ password: String, cost: Int) throws(Failure) -> Bytes {
    let bytes = Array(password.utf8)
    if bytes.count > longest { throw .tooLong }
    if bytes.contains(0) { throw .holdsZero }
    var salt = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
    guard crypt_gensalt_rn("$2b$", UInt(cost), nil, 0, &salt, Int32(salt.count)) != nil,
      let hash = crypt(bytes, salt.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
    else { throw .unhashable }
    return "$2a$".bytes + hash.dropFirst(4)
  }

  static func matches(_ password: String, _ hash: Bytes) -> Bool {
    let bytes = Array(password.utf8)
    guard hash.count == 60, hash[0] == 0x24, hash[1] == 0x32, hash[3] == 0x24, !bytes.contains(0) else {
      return false
    }
    // What Go names 2a is what the library names 2b; its own 2a works around an error that Go never had.
    guard let own = crypt(bytes.prefix(longest), "$2b$".bytes + hash.dropFirst(4)), own.count == hash.count
    else {
      return false
    }
    var difference: UInt8 = 0
    for index in 4..<hash.count { difference |= own[index] ^ hash[index] }
    return difference == 0
  }

  private static func crypt(_ password: some Sequence<UInt8>, _ setting: Bytes) -> Bytes? {
    let size = workBytes
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    defer {
      memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
      memory.deallocate()
    }
    let phrase = password.map { CChar(bitPattern: $0) } + [0]
    let text = setting.map { CChar(bitPattern: $0) } + [0]
    guard let hash = crypt_rn(phrase, text, memory, Int32(size)) else { return nil }
    return Bytes(UnsafeRawBufferPointer(start: hash, count: 60))
  }
}

extension RPCStatus {
  /// As Go's bcrypt and etcd 3.4.45 say it.
  init(_ failure: Passwords.Failure) {
    switch failure {
    case .tooLong: self = .unmapped("bcrypt: password length exceeds 72 bytes")
    case .holdsZero: self = RPCStatus(.invalidArgument, "etcdserver: a password may hold no zero byte")
    case .unhashable: self = .unmapped("auth: the password cannot be hashed")
    }
  }
}
