import Base
import Doors
import Event
import HTTP

/// `/debug/top`, with `--enable-pprof` or `--debug`: the parts of the key space that cost this member most. Ours alone.
struct TopPage {
  unowned let member: Member

  func answer(_ request: PageRequest) {
    let seconds = Int((member.loop.now - member.topPrefixesBegan).seconds)
    var text =
      "Key prefixes by what they cost the loop of this member (ns, with 1000 for each request and 1 for each byte).\n"
      + "A cost may be said too high by what stands in brackets, never too low.\n"
    text += Self.table("In the last \(seconds) s", member.topPrefixes.entries)
    if !member.formerTopPrefixes.isEmpty {
      let window = Int(Limits.topPrefixWindow.seconds)
      text += Self.table("In the \(window) s before that", member.formerTopPrefixes)
    }
    PlainText.page(request.exchange, text)
  }

  static func table(_ title: String, _ entries: [TopPrefixes.Entry]) -> String {
    var text = "\n\(title):\n\n"
    text += row("requests", "bytes", "microseconds", "cost", "prefix")
    for entry in entries.prefix(Limits.topPrefixesShown) {
      let cost = entry.row.inherited == 0 ? "\(entry.cost)" : "\(entry.cost) [\(entry.row.inherited)]"
      text += row(
        "\(entry.row.requests)", "\(entry.row.bytes)", "\(entry.row.nanoseconds / 1_000)", cost,
        goQuoted(String(utf8: entry.prefix)))
    }
    return text
  }

  private static func row(_ columns: String...) -> String {
    zip(columns, [12, 16, 16, 28, 0]).map { text, width in
      String(repeating: " ", count: max(0, width - text.utf8.count)) + (width == 0 ? "  " : "") + text
    }.joined() + "\n"
  }
}
