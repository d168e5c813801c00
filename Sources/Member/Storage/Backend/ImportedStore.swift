import Base

/// A store made from a bbolt image and not in its place yet.
///
/// Making it takes about a second for a million rows, so it is made on a thread of its own while the loop lives
/// on and the old store is in use; putting it in place is a rename. Where that never happens, the file is removed.
/// The file is open at least for as long as this object lives.
package final class ImportedStore: Sendable {
  let environment: LMDBEnvironment
  let unsafeNoSync: Bool
  private let isInPlace = Flag()

  /// Checks the image and makes it a durable store beside `path`. One at a time for each path.
  package init(image: String, path: String, unsafeNoSync: Bool = false) throws(BackendError) {
    self.unsafeNoSync = unsafeNoSync
    environment = try StoreFile.importImage(image, into: path, unsafeNoSync: unsafeNoSync)
  }

  deinit { if !isInPlace.isRaised { StoreFile.discard(environment) } }

  /// Takes the place of whatever store is at the path. A backend that has that one open must be closed before; frozen views
  /// of it stay readable.
  package func install() throws(BackendError) {
    invariant(!isInPlace.isRaised, "an imported store is installed twice")
    try StoreFile.replace(with: environment)
    isInPlace.raise()
  }
}
