/// Lines up columns with tabs. As Go's text/tabwriter with a tab width of 8, a padding of 1 and tabs to pad with:
/// cells end with a tab, a column is a run of lines that have a cell there, the last cell of a line is free.
enum TabWriter {
  static func format(_ text: String) -> String {
    var out = ""
    var block: [[Substring]] = []
    var widths: [Int] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map({ line in
      line.split(separator: "\t", omittingEmptySubsequences: false)
    }) {
      block.append(line)
      // A line without tabs touches no column: what stands above is settled.
      if line.count == 1 {
        layOut(block[...], &widths, &out)
        block = []
      }
    }
    layOut(block[...], &widths, &out)
    return String(out.dropLast())
  }

  private static func layOut(_ lines: ArraySlice<[Substring]>, _ widths: inout [Int], _ out: inout String) {
    let column = widths.count
    var start = lines.startIndex
    var index = start
    while index < lines.endIndex {
      guard column < lines[index].count - 1 else {
        index += 1
        continue
      }
      write(lines[start..<index], widths, &out)
      start = index
      var width = 0
      while index < lines.endIndex, column < lines[index].count - 1 {
        width = max(width, lines[index][column].unicodeScalars.count + 1)
        index += 1
      }
      widths.append((width + 7) / 8 * 8)
      layOut(lines[start..<index], &widths, &out)
      widths.removeLast()
      start = index
    }
    write(lines[start...], widths, &out)
  }

  private static func write(_ lines: ArraySlice<[Substring]>, _ widths: [Int], _ out: inout String) {
    for line in lines {
      for (column, cell) in line.enumerated() {
        out += cell
        guard column < widths.count, column < line.count - 1 else { continue }
        out += String(repeating: "\t", count: (widths[column] - cell.unicodeScalars.count + 7) / 8)
      }
      out += "\n"
    }
  }
}
