import Base
import Config
import Doors
import Server

/// Opens the log and says what there is to say from before it was there.
func openLog(_ settings: Settings, notes: [ConfigNote]) -> Result<Log, LogSinkFailure> {
  do throws(LogSinkFailure) {
    let sink = try DescriptorLogSink(settings)
    sink.write(notes)
    return .success(Log(sink, package: "etcdmain"))
  } catch { return .failure(error) }
}
