// Config: what a member was told, and whether it makes sense.
//
// One table of flags (`Flag.all`) is the only place where a flag is named. From it come the reading of
// arguments, of `ETCD_` variables and of the YAML file, the help text, the explained sample file and the
// page of `--check-config`. The whole front is one function, `configure`: arguments, variables and a file
// reader in, `ConfigOutcome` out.
//
// `configure` prints nothing and ends no process; only `ConfigInput.ofThisProcess` looks at the world.
// This room is the only one that knows libyaml.
