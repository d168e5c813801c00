/// What is to happen, in order of time; what was put in first happens first among equals.
struct Agenda {
  private struct Item {
    var at: Int64
    var order: UInt64
    var event: Event
    static func < (a: Item, b: Item) -> Bool { a.at != b.at ? a.at < b.at : a.order < b.order }
  }

  private var heap: [Item] = []
  private var order: UInt64 = 0

  var isEmpty: Bool { heap.isEmpty }
  var next: Int64? { heap.first?.at }

  mutating func add(_ event: Event, at: Int64) {
    order += 1
    heap.append(Item(at: at, order: order, event: event))
    var place = heap.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      guard heap[place] < heap[parent] else { break }
      heap.swapAt(place, parent)
      place = parent
    }
  }

  mutating func take() -> (at: Int64, event: Event)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return (first.at, first.event)
  }

  private mutating func sink() {
    var place = 0
    while true {
      var least = 2 * place + 1
      guard least < heap.count else { return }
      if least + 1 < heap.count, heap[least + 1] < heap[least] { least += 1 }
      guard heap[least] < heap[place] else { return }
      heap.swapAt(place, least)
      place = least
    }
  }
}

/// Something that happens. Members are named by their host's number and, where a restart makes it void, by the number
/// of the process.
enum Event {
  case tick(host: Int, process: UInt32)
  case turn(host: Int, process: UInt32)
  case diskDone(host: Int, process: UInt32)
  case commitDone(host: Int, process: UInt32)
  case seal(host: Int, process: UInt32)
  case message(Int)
  case request(Int)
  case reply(Int)
  case timeout(Int)
  case client(Int)
  case watchBatch(watcher: Int, stream: Int)
  case watcher(Int)
  case admin
  case audit
  case strike
  case cease(Int)
  case restart(host: Int)
  case resume(host: Int)
}
