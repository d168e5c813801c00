/// A boxed table: capitals in the head, centred; rows to the right; cells wider than 30 broken at blanks. As
/// olekukonko/tablewriter with etcd's settings.
enum Table {
  private static let widest = 30

  static func text(_ header: [String], _ rows: [[String]]) -> String {
    let head = header.map { wrapped(heading($0)) }
    let body = rows.map { $0.map { wrapped($0) } }
    let widths = header.indices.map { column in
      (body.map { $0[column] } + [head[column]]).flatMap { $0 }.map(\.count).max() ?? 0
    }
    let rule = "+" + widths.map { String(repeating: "-", count: $0 + 2) + "+" }.joined() + "\n"
    var text = rule + lines(head, widths, centred) + rule
    for row in body { text += lines(row, widths, pushedRight) }
    return rows.isEmpty ? text : text + rule
  }

  private static func heading(_ name: String) -> String {
    name.replacing("_", with: " ").uppercased()
  }

  private static func lines(_ row: [[String]], _ widths: [Int], _ place: (String, Int) -> String) -> String {
    let height = row.map(\.count).max() ?? 0
    return (0..<height).map { line in
      let cells = zip(row, widths).map { cell, width in
        " \(place(line < cell.count ? cell[line] : "", width)) |"
      }
      return "|" + cells.joined() + "\n"
    }.joined()
  }

  private static func centred(_ text: String, _ width: Int) -> String {
    let gap = width - text.count
    return blanks(gap / 2) + text + blanks(gap - gap / 2)
  }

  private static func pushedRight(_ text: String, _ width: Int) -> String { blanks(width - text.count) + text }

  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

  /// Breaks at blanks so that the lines are as even as can be: the sum of the squares of what is missing at their
  /// ends is least. A single word is never broken.
  private static func wrapped(_ text: String) -> [String] {
    let words = text.split(separator: " ").map { String($0) }
    guard text.count > widest, words.count > 1 else { return [text] }
    let limit = max(widest, words.map(\.count).max() ?? 0)
    let penalty = 100_000
    var cost = [Int](repeating: Int(Int32.max), count: words.count + 1)
    var breaks = [Int](repeating: words.count, count: words.count)
    cost[words.count] = 0
    for start in words.indices.reversed() {
      if length(words[start...]) <= limit {
        cost[start] = 0
        continue
      }
      for end in (start + 1)..<max(start + 1, words.count) {
        let used = length(words[start..<end])
        let candidate = (limit - used) * (limit - used) + cost[end] + (used > limit ? penalty : 0)
        if candidate < cost[start] {
          cost[start] = candidate
          breaks[start] = end
        }
      }
    }
    var lines: [String] = []
    var start = 0
    while start < words.count {
      lines.append(words[start..<breaks[start]].joined(separator: " "))
      start = breaks[start]
    }
    return lines
  }

  private static func length(_ words: ArraySlice<String>) -> Int {
    words.map(\.count).reduce(0, +) + words.count - 1
  }
}
