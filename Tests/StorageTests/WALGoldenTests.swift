import Base
import Storage
import Testing
import Wire

/// The first records of a log that etcd 3.4.23 wrote, as the first of three members: three members join, a leader
/// is elected, names are published, three keys are put.
let goldenLog = """
  040000000000008408041000000000001f000000000000810801109bacdacf071a1508fc97d1e585e9fba26910daaac4e3f5\
  b6e98fcf01000e00000000000082080510919cbe950f1a040800100000006e000000000000820802108ff795c80f1a640801\
  10011801225c0800100018fc97d1e585e9fba269224c7b226964223a373538353733323234313434373437323132342c2270\
  65657255524c73223a5b22687474703a2f2f3132372e302e302e313a3432313931225d2c226e616d65223a226d31227d0000\
  6f00000000000081080210e5effd101a66080110011802225e0800100018be81d6b3bba4e48b9b01224d7b226964223a3131\
  3137353536303538323931343231323033302c227065657255524c73223a5b22687474703a2f2f3132372e302e302e313a34\
  32313933225d2c226e616d65223a226d33227d007000000000000000080210aadcec85061a66080110011803225e08001000\
  18a1f2cfb89ccb8bb4ef01224d7b226964223a31373235313038393333353736393632363931332c227065657255524c7322\
  3a5b22687474703a2f2f3132372e302e302e313a3432313932225d2c226e616d65223a226d32227d10000000000000000803\
  10adeea3cd0f1a060801100018031800000000000000080310bce486ef0f1a0e080210fc97d1e585e9fba269180310000000\
  0000000008021096c986a30c1a060800100218049900000000000087080210a6ffcbf3021a8e010800100218052285010882\
  989ec5fbc0a8fe4b12035055541a262f302f6d656d626572732f363934356566343835636234346266632f61747472696275\
  74657322357b226e616d65223a226d31222c22636c69656e7455524c73223a5b22687474703a2f2f3132372e302e302e313a\
  3432313731225d7d2800320038004800500058006000680070007800800100000000000000009a0000000000008608021083\
  a4d9c7041a8f010800100218062286010881949ec5fbc0a8df800112035055541a262f302f6d656d626572732f3962313739\
  31323362363735383062652f6174747269627574657322357b226e616d65223a226d33222c22636c69656e7455524c73223a\
  5b22687474703a2f2f3132372e302e302e313a3432313733225d7d2800320038004800500058006000680070007800800100\
  0000000000009a00000000000086080210a383c9cc011a8f010800100218072286010882969ec5fbc0e890f9011203505554\
  1a262f302f6d656d626572732f656636383265353963373133663932312f6174747269627574657322357b226e616d65223a\
  226d32222c22636c69656e7455524c73223a5b22687474703a2f2f3132372e302e302e313a3432313732225d7d2800320038\
  0048005000580060006800700078008001000000000000001800000000000000080310a097b6970b1a0e080210fc97d1e585\
  e9fba2691804180000000000000008031087b2fd820b1a0e080210fc97d1e585e9fba26918074a00000000000086080210b9\
  f9bd3b1a4108001002180822390884989ec5fbc0a8fe4b12035055541a0a2f302f76657273696f6e2205332e342e30280032\
  00380048005000580060006800700078008001000000000000001800000000000000080310c6e7b7da0a1a0e080210fc97d1\
  e585e9fba26918082c00000000000084080210c1fee2e4041a22080010021809221a220a0a03666f6f1203626172a2060b08\
  84969ec5fbc0e890f901000000001800000000000000080310e6e7dcae0e1a0e080210fc97d1e585e9fba26918092d000000\
  00000083080210faae95d6081a2308001002180a221b220b0a03666f6f120462617232a2060b0885969ec5fbc0e890f90100\
  000018000000000000000803108acceec0021a0e080210fc97d1e585e9fba269180a2a00000000000086080210d59892850c\
  1a2008001002180b221822080a03612f31120178a2060b0886969ec5fbc0e890f90100000000000018000000000000000803\
  10c391e5d6021a0e080210fc97d1e585e9fba269180b
  """

@Suite("The log against etcd's own bytes")
struct WALGoldenTests {
  let path = "/data/wal/0000000000000000-0000000000000000.wal"
  let bytes: Bytes

  init() { bytes = unhex(goldenLog) }

  func disk(with bytes: Bytes) -> MemoryDisk {
    let disk = MemoryDisk()
    disk.put(path, bytes + Bytes(repeating: 0, count: 4096 - bytes.count % 8))
    return disk
  }

  @Test("a log of Go's etcd is read whole")
  func read() throws {
    let contents = try WAL.read(disk(with: bytes), in: "/data/wal", at: WALSnapshot())
    #expect(contents.metadata == metadataA)
    #expect(contents.entries.map(\.index) == Array(1...11))
    #expect(contents.entries[0].type == .confChange)
    #expect(contents.entries[3].data == nil)
    #expect(contents.state == HardState(term: 2, vote: memberA, commit: 11))
    #expect(contents.hasSnapshot)
    #expect(contents.brokenCopy == nil)
  }

  @Test("the same entries and states give the same bytes")
  func rewrite() throws {
    let entries = try WAL.read(disk(with: bytes), in: "/data/wal", at: WALSnapshot()).entries
    func state(_ term: UInt64, _ vote: UInt64, _ commit: UInt64) -> HardState {
      HardState(term: term, vote: vote, commit: commit)
    }
    let disk = MemoryDisk()
    let wal = try WAL.create(disk, in: "/data/wal", metadata: metadataA, options: smallFiles(64_000))
    _ = try wal.append(Array(entries[0..<3]), state: state(1, 0, 3))
    _ = try wal.append([], state: state(2, memberA, 3))
    _ = try wal.append(Array(entries[3..<7]), state: state(2, memberA, 4))
    _ = try wal.append([], state: state(2, memberA, 7))
    for index in 8...11 {
      _ = try wal.append([entries[index - 1]])
      _ = try wal.append([], state: state(2, memberA, UInt64(index)))
    }
    let written = disk.bytes(of: path)
    #expect(written.count == 64_000)
    #expect(Bytes(written.prefix(bytes.count)) == bytes)
    #expect(written[bytes.count..<bytes.count + 4096].allSatisfy { $0 == 0 })
  }

  @Test("what is appended to Go's log continues its chain")
  func extend() throws {
    let disk = disk(with: Bytes(bytes[..<1440]))
    let (wal, contents) = try WAL.open(disk, in: "/data/wal", at: WALSnapshot(), options: smallFiles())
    #expect(contents.state.commit == 10)
    _ = try wal.append([], state: HardState(term: 2, vote: memberA, commit: 11))
    #expect(Bytes(disk.bytes(of: path).prefix(bytes.count)) == bytes)
  }

  @Test("only what follows the snapshot is answered")
  func behindSnapshot() throws {
    let contents = try WAL.read(disk(with: bytes), in: "/data/wal", at: WALSnapshot(index: 9, term: 2))
    #expect(contents.entries.map(\.index) == [10, 11])
    #expect(!contents.hasSnapshot)
  }

  @Test("a snapshot noted with another term is an error")
  func snapshotMismatch() {
    #expect(throws: WALError.damaged(.snapshotTerm, path: path, offset: 56)) {
      try WAL.read(disk(with: bytes), in: "/data/wal", at: WALSnapshot(index: 0, term: 7))
    }
  }
}
