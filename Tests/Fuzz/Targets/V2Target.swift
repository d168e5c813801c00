import Base
import Machine
import Wire

/// The v2 tree out of a `.snap` file. What is recovered must be saved and recovered alike, and must then stand any
/// request. The JSON ends at a zero byte; behind it come the requests as a program.
func fuzzV2(_ bytes: UnsafeRawBufferPointer) {
  let end = bytes.firstIndex(of: 0) ?? bytes.count
  let store = V2Store()
  store.unixNow = 1_700_000_000_000_000_000
  if end > 0 {
    do throws(V2RecoveryError) { try store.recover(Bytes(bytes[..<end])) } catch {
      if end == bytes.count { return }
    }
  }
  checkSaved(store)
  var program = Program(UnsafeRawBufferPointer(rebasing: bytes[min(end + 1, bytes.count)...]))
  let applier = V2Applier(store: store, roster: nil)
  let before = store.index
  var count = 0
  while !program.isAtEnd, count < 200 {
    count += 1
    if program.below(8) == 0 { _ = try? store.watch(path(&program), recursive: true, stream: true, since: 0) }
    _ = applier.apply(request(&program))
    _ = store.takeNotices()
  }
  invariant(store.index >= before || before > .max - 1000, "the index went back")
  checkSaved(store)
}

private func checkSaved(_ store: V2Store) {
  let saved = store.save()
  let copy = V2Store()
  copy.unixNow = store.unixNow
  do throws(V2RecoveryError) { try copy.recover(saved) } catch {
    broken("a saved v2 store is refused: \(error)")
  }
  invariant(copy.save() == saved, "a v2 store changes when it is saved and recovered")
  invariant(copy.index == store.index, "the index changes when the store is saved and recovered")
  invariant(copy.hasExpiringKeys == store.hasExpiringKeys, "times change when the store is saved and recovered")
}

private func path(_ program: inout Program) -> String {
  let names = ["/1", "/1/a", "/1/a/b", "/1/_h", "/0/members", "/", "", "/1/a/../c", "/2//x", "/1/a/b/c"]
  return names[program.below(names.count)]
}

private func request(_ program: inout Program) -> V2Request {
  let methods = ["POST", "PUT", "PUT", "PUT", "DELETE", "QGET", "SYNC", "x"]
  let flags = program.byte()
  return V2Request(
    method: methods[program.below(methods.count)], path: path(&program),
    val: ["", "v", "w"][program.below(3)], dir: flags & 1 != 0, prevValue: flags & 2 != 0 ? "v" : "",
    prevIndex: flags & 4 != 0 ? UInt64(program.byte()) : 0,
    prevExist: flags & 8 != 0 ? flags & 16 != 0 : nil,
    expiration: flags & 32 != 0 ? 1_700_000_000_000_000_000 + Int64(program.below(4)) : 0,
    recursive: flags & 64 != 0, sorted: true, time: 1_700_000_000_000_000_000 + Int64(program.below(4)),
    refresh: flags & 128 != 0 ? true : nil)
}

func v2Seeds() -> [(name: String, bytes: Bytes)] {
  let node =
    #"{"Path":"/1/a","CreatedIndex":1,"ModifiedIndex":2,"ExpireTime":"2033-05-18T03:33:20Z","Value":"v","Children":null}"#
  func directory(_ path: String, _ children: String) -> String {
    #"{"Path":"\#(path)","CreatedIndex":0,"ModifiedIndex":0,"ExpireTime":"0001-01-01T00:00:00Z","Value":"","Children":{\#(children)}}"#
  }
  let root = directory("/", #""0":\#(directory("/0", "")),"1":\#(directory("/1", #""a":\#(node)"#))"#)
  let event = #"{"action":"set","node":{"key":"/1/a","value":"v","modifiedIndex":2,"createdIndex":1}}"#
  let history =
    #"{"Queue":{"Events":[\#(event),null],"Size":1,"Front":0,"Back":1,"Capacity":2},"StartIndex":2,"LastIndex":2}"#
  let store =
    #"{"Root":\#(root),"WatcherHub":{"EventHistory":\#(history)},"CurrentIndex":2,"Stats":{"setsSuccess":1},"CurrentVersion":2}"#
  let requests: Bytes = [1, 0, 1, 1, 0, 0, 1, 32, 1, 2, 1, 1, 1, 0, 6, 0, 0, 3, 1, 64, 4, 1, 0, 0]
  return [
    ("store", store.bytes), ("store-requests", store.bytes + [0] + requests), ("requests", [0] + requests),
  ]
}
