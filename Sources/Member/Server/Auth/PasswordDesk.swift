import Base
import Glibc
import Machine
import TLS
import Wire

/// The threads that check and hash passwords and sign tokens: what takes too long for the loop.
///
/// They are started when the first work comes. How much may wait is bounded, since anybody may ask.
final class PasswordDesk {
  enum Work: Sendable {
    case check(password: String, hash: Bytes)
    case hash(password: String, cost: Int)
    /// A token for this user that ends at this second.
    case sign(Credential, expiry: Int64)
  }

  enum Outcome: Sendable {
    case checked(isGood: Bool)
    case hashed(Result<Bytes, Passwords.Failure>)
    /// Nil where signing failed.
    case signed(token: String?)
  }

  private struct Letter: Sendable {
    var id: UInt64
    var work: Work
  }

  private let errands: Mailbox<Errand>
  /// One key for each thread, to be given away; empty where nothing is signed.
  private var keys: [TokenKey]
  private var boxes: [Mailbox<Letter>] = []
  private var waiting: [UInt64: (Outcome) -> Void] = [:]
  private var lastID: UInt64 = 0

  init(keys: [TokenKey], errands: Mailbox<Errand>) {
    self.keys = keys
    self.errands = errands
  }

  /// How many threads there will be.
  static let threadCount = max(1, min(Limits.passwordThreads, sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1))

  /// Does the work on another thread; `done` comes on the loop, never from here.
  func begin(_ work: Work, _ done: @escaping (Outcome) -> Void) throws(RPCStatus) {
    guard waiting.count < Limits.passwordJobs else { throw .tooManyRequests }
    if boxes.isEmpty { startThreads() }
    lastID += 1
    waiting[lastID] = done
    boxes[Int(lastID % UInt64(boxes.count))].post(Letter(id: lastID, work: work))
  }

  func finished(_ id: UInt64, _ outcome: Outcome) { waiting.removeValue(forKey: id)?(outcome) }

  private func startThreads() {
    for index in 0..<Self.threadCount {
      let box = Mailbox<Letter>()
      let errands = errands
      let key = Handed(index < keys.count ? keys[index] : nil)
      boxes.append(box)
      // Not joined at the end: a hash of a high cost takes minutes, and nothing depends on it any more.
      _ = Base.Thread(name: "etcd-passwords") {
        while let letters = box.waitForAll() {
          for letter in letters {
            let outcome = Self.carryOut(letter.work, key.value)
            errands.post { member in member.passwords.finished(letter.id, outcome) }
          }
        }
      }
    }
    keys = []
  }

  /// Lets the threads end once they are done with what they have.
  func stop() { for box in boxes { box.close() } }

  private static func carryOut(_ work: Work, _ key: TokenKey?) -> Outcome {
    switch work {
    case .check(let password, let hash): return .checked(isGood: Passwords.matches(password, hash))
    case .hash(let password, let cost):
      do throws(Passwords.Failure) { return .hashed(.success(try Passwords.hash(password, cost: cost))) } catch
      {
        return .hashed(.failure(error))
      }
    case .sign(let who, let expiry):
      guard let key else { return .signed(token: nil) }
      let unsigned = WebToken.unsigned(who, algorithm: key.algorithm.rawValue, expiry: expiry)
      return .signed(token: key.signature(of: unsigned).map { WebToken.text(signed: unsigned, signature: $0) })
    }
  }
}
