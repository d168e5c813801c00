import Base

/// A store made from a bbolt image and not in its place yet.
///
/// Making it takes about a second for a million rows, so it is made on a thread of its own while the loop lives
/// on and the old store is in use; putting it in place is a rename. Where that never happens, the file is removed.
package final class ImportedStore: Sendable {
  /// Holds the open file until it is installed; from then on this object has no part in it.
  private let made = Mailbox<LMDBEnvironment>()
  let unsafeNoSync: Bool

  /// Checks the image and makes it a durable store beside `path`. One at a time for each path.
  package init(image: String, path: String, unsafeNoSync: Bool = false) throws(BackendError) {
    self.unsafeNoSync = unsafeNoSync
    made.post(try StoreFile.importImage(image, into: path, unsafeNoSync: unsafeNoSync))
  }

  deinit { for environment in made.takeAll() { StoreFile.discard(environment) } }

  func install() throws(BackendError) -> LMDBEnvironment {
    guard let environment = made.takeAll().first else { broken("an imported store is installed twice") }
    try StoreFile.replace(with: environment)
    return environment
  }
}
