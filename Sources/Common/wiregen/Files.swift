import Glibc

struct FileError: Error, CustomStringConvertible {
  var path: String
  var number: Int32
  var description: String { "\(path): \(String(cString: strerror(number)))" }
}

/// Names in a folder, sorted, without those that begin with a dot.
func list(_ path: String) throws -> [String] {
  guard let folder = opendir(path) else { throw FileError(path: path, number: errno) }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names.sorted()
}

func read(_ path: String) throws -> String {
  guard let file = fopen(path, "r") else { throw FileError(path: path, number: errno) }
  defer { fclose(file) }
  var content: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 64 * 1024)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { break }
    content += chunk[0..<count]
  }
  return String(decoding: content, as: UTF8.self)
}

func write(_ content: String, to path: String) throws {
  guard let file = fopen(path, "w") else { throw FileError(path: path, number: errno) }
  var copy = content
  let isWhole = copy.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
  guard fclose(file) == 0, isWhole else { throw FileError(path: path, number: errno) }
}

func report(_ text: String) {
  var line = text + "\n"
  line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
}

func quit(_ status: Int32) -> Never { exit(status) }
