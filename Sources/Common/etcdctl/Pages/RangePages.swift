import Base
import Wire

/// A range in one form of output, written while it arrives: the same bytes as of one reply.
protocol RangePages {
  func begin(_ header: ResponseHeader?)
  func pairs(_ pairs: [KeyValue])
  func end(more: Bool, count: Int64)
}

struct SimplePages: RangePages {
  let printer: SimplePrinter
  func begin(_ header: ResponseHeader?) {}
  func pairs(_ pairs: [KeyValue]) { printer.get(RangeResponse(kvs: pairs)) }
  func end(more: Bool, count: Int64) {}
}

struct FieldsPages: RangePages {
  let printer: FieldsPrinter
  func begin(_ header: ResponseHeader?) { printer.header(header) }
  func pairs(_ pairs: [KeyValue]) { for pair in pairs { printer.pair("", pair) } }
  func end(more: Bool, count: Int64) { printer.end(more: more, count: count) }
}

/// Fields of a message may come in any number of pieces.
struct ProtobufPages: RangePages {
  func begin(_ header: ResponseHeader?) { Output.write(RangeResponse(header: header).encoded()) }
  func pairs(_ pairs: [KeyValue]) { Output.write(RangeResponse(kvs: pairs).encoded()) }
  func end(more: Bool, count: Int64) { Output.write(RangeResponse(more: more, count: count).encoded()) }
}

/// `{"header":{…},"kvs":[…],"more":true,"count":7}`; what is empty is left out.
final class JSONPages: RangePages {
  private var hasMembers = false
  private var hasPairs = false

  func begin(_ header: ResponseHeader?) {
    Output.write("{")
    guard let header else { return }
    member("header")
    Output.write(header.json(.go))
  }

  func pairs(_ pairs: [KeyValue]) {
    for pair in pairs {
      if hasPairs {
        Output.write(",")
      } else {
        member("kvs")
        Output.write("[")
        hasPairs = true
      }
      Output.write(pair.json(.go))
    }
  }

  func end(more: Bool, count: Int64) {
    if hasPairs { Output.write("]") }
    if more {
      member("more")
      Output.write("true")
    }
    if count != 0 {
      member("count")
      Output.write("\(count)")
    }
    Output.write("}\n")
  }

  private func member(_ name: String) {
    Output.write(hasMembers ? ",\"\(name)\":" : "\"\(name)\":")
    hasMembers = true
  }
}
