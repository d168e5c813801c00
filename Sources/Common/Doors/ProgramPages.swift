import CShim

/// Pages of the program itself.
package enum ProgramPages {
  /// Lets go of what only the start needed: the tables of relocations, the parsing of flags, the first elections. To be called
  /// once the program serves. They are most of what an idle member would hold for ever, and no other process gains from them
  /// being mapped here; code that is used comes back at its first use (about 0.5 µs for 64 KiB).
  package static func release() {
    cshim_trim_heap()
    cshim_release_program_pages()
  }
}
