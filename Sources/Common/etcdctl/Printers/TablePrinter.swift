import Storage
import Wire

/// `-w table`, for what has columns.
struct TablePrinter: Printer {
  let name = "table"

  func memberList(_ reply: MemberListResponse) {
    Output.write(Table.text(Rows.memberHeader, Rows.members(reply)))
  }
  func health(_ list: [EndpointHealth]) { Output.write(Table.text(Rows.healthHeader, Rows.health(list))) }
  func status(_ list: [(endpoint: String, reply: StatusResponse)]) {
    Output.write(Table.text(Rows.statusHeader, Rows.status(list)))
  }
  func hashKV(_ list: [(endpoint: String, reply: HashKVResponse)]) {
    Output.write(Table.text(Rows.hashHeader, Rows.hashes(list)))
  }
  func checkSpace() {}
  func space(_ report: SpaceReport) {
    Output.write(Table.text(SpaceReport.memberHeader, report.memberRows()))
    for line in report.summary() { Output.line(line) }
    guard report.keys != nil else { return }
    Output.write(Table.text(SpaceReport.prefixHeader, report.prefixRows()))
  }
  func snapshot(_ status: SnapshotStatus) {
    Output.write(Table.text(Rows.snapshotHeader, [Rows.snapshot(status)]))
  }
}
