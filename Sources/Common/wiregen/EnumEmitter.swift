/// Writes the enum of an enum.
struct EnumEmitter {
  let item: ProtoEnum

  func emit(into text: inout SourceText) {
    let names = item.cases.map { caseName($0.name, prefix: item.prefix) }
    text.block("package enum \(item.swiftName): WireEnum") { text in
      text.line("case \(names.joined(separator: ", "))")
      text.line("/// A number without a name here, kept as it came.")
      text.line("case unrecognized(Int32)")
      text.line()
      text.block("package init(rawValue: Int32)") { text in
        text.line("switch rawValue {")
        for (name, value) in zip(names, item.cases) { text.line("case \(value.number): self = .\(name)") }
        text.line("default: self = .unrecognized(rawValue)")
        text.line("}")
      }
      text.line()
      text.block("package var rawValue: Int32") { text in
        text.line("switch self {")
        for (name, value) in zip(names, item.cases) { text.line("case .\(name): \(value.number)") }
        text.line("case .unrecognized(let number): number")
        text.line("}")
      }
    }
  }
}
