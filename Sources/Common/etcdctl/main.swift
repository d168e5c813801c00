import Glibc

// etcdctl: the tool for operators and scripts, over the client room. It speaks as etcd 3.4's etcdctl does: commands,
// flags, output and exit codes.
//
// `Line` reads the command line, `Commands` holds one file for each family of commands and the table of them all,
// `Printers` one for each form of output; `V2` is the tool of the v2 API. It is synchronous: it runs its own
// loop until what it waits for is there.

switch getenv("ETCDCTL_API").map({ String(cString: $0) }) {
case nil, "", "3": exit(Etcdctl.run(Argument.ofThisProcess()))
case "2": exit(V2Etcdctl.run(Argument.ofThisProcess()))
case let version?:
  Output.errorLine("unsupported API version \(version)")
  exit(1)
}
