import Storage

/// Keys and leases of a store that a leader sent, read into memory.
///
/// A million keys take half a second, so this is made on a thread of its own while the machine lives on; the machine then takes
/// it over at once.
package final class ArrivedState {
  let backend: any Backend
  let lessor: Lessor
  let store: Store

  /// Reads all of it. `backend` belongs to this object until the machine has taken it over.
  package init(backend: any Backend, options: LessorOptions) {
    self.backend = backend
    lessor = Lessor(backend: backend, options: options)
    store = Store(backend: backend, leases: lessor)
  }

  /// Gives the memory back of what is in here. After the machine has taken over, that is what the machine held.
  package func empty() {
    store.index.removeAll()
    lessor.leases.removeAll()
  }
}
