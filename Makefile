# Build, run and prove etcd in Swift. `make run` and `make test` do everything on a fresh Debian 12 with Swift 6.3,
# system packages included.

PREFIX ?= /usr/local
UNITS ?= /lib/systemd/system
COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions
DATA ?= ./default.etcd
SECONDS_PER_FUZZ ?= 600
# Of the simulator: `make simulate SEEDS=1-1000`, or SECONDS=600 for fresh seeds until the time is over.
SEEDS ?= 30001-30600
SECONDS ?=
MINUTES ?= 1
PYTHON := /usr/bin/python3

SWIFT := swift
CHECKED := --explicit-target-dependency-import-check error
RELEASE := -c release $(CHECKED) --static-swift-stdlib

LIBRARIES := libssl-dev libcurl4-openssl-dev libevent-dev libnghttp2-dev liblmdb-dev libyaml-dev libcrypt-dev pkg-config binutils
# The originals and independent clients that tests compare with.
PEERS := etcd-server etcd-client golang-etcd-server-dev nghttp2-client nghttp2-proxy python3-grpcio python3-protobuf \
	protobuf-compiler python3-etcd3gw python3-etcd golang-cfssl etcd-discovery dnsmasq-base iproute2 curl strace prometheus zsh \
	fish google-perftools

.PHONY: run cluster build test unit conformance simulate mutants crash bench fuzz format lint install clean libraries peers

run: build
	@echo
	@echo "etcd keeps its data in $(DATA) and listens on http://127.0.0.1:2379. In another terminal:"
	@echo "  bin/etcdctl put greeting hello"
	@echo "  bin/etcdctl get greeting"
	@echo "  bin/etcdctl endpoint status"
	@echo "Ctrl-C stops it; the next \`make run\` finds the data again."
	@echo
	bin/etcd --data-dir $(DATA)

build: libraries
	$(SWIFT) build $(RELEASE) --product etcd
	$(SWIFT) build $(RELEASE) --product etcdctl
	@mkdir -p bin
	@for program in etcd etcdctl; do \
	  strip -o bin/$$program.new "$$($(SWIFT) build $(RELEASE) --show-bin-path)/$$program" && \
	  mv -f bin/$$program.new bin/$$program; done
	@ls -l bin

# Everything: style, rooms, then both programs beside the originals.
test: libraries peers lint unit build conformance simulate

# Three members on this machine, from configs/cluster, and a readonly proxy in front; Ctrl-C stops them.
cluster: build
	@echo "three members: http://127.0.0.1:12379, :22379, :32379, each with its data in m1.etcd, m2.etcd, m3.etcd. Try:"
	@echo "  bin/etcdctl --endpoints 127.0.0.1:12379,127.0.0.1:22379,127.0.0.1:32379 endpoint status -w table"
	@echo "  bin/etcdctl --endpoints 127.0.0.1:12379 put greeting hello"
	@echo "a readonly proxy in front of them on http://127.0.0.1:2379, with its data in proxy.etcd:"
	@echo "  bin/etcdctl get greeting"
	@echo "  curl -s http://127.0.0.1:2379/v3/kv/range -d '{\"key\":\"Z3JlZXRpbmc=\"}'"
	@trap 'kill $$(jobs -p) 2>/dev/null; wait' INT TERM EXIT; for name in m1 m2 m3; do \
	  bin/etcd --config-file configs/cluster/$$name.yml & done; bin/etcd --config-file configs/proxy-readonly.yml & wait

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

unit:
	$(SWIFT) build $(CHECKED) --build-tests
	$(SWIFT) test --skip-build --parallel

conformance: build
	$(PYTHON) Tests/Conformance/all.py

# Whole clusters in simulated time, under faults; a failing seed prints how to see it again.
simulate: libraries
	Tests/Simulate/run.sh $(if $(SECONDS),--seconds $(SECONDS),--seeds $(SEEDS)) --minutes $(MINUTES)
	Tests/Simulate/run.sh --scenes --seeds 1-40 --minutes 2

# Every mistake of Tests/Simulate/Mutations must be found by the simulator, and nothing without them.
mutants: libraries
	Tests/Simulate/mutants.sh

crash: build
	$(PYTHON) Tests/Conformance/crash.py 1000

bench: build peers
	$(PYTHON) Tests/Benchmarks/bench.py

fuzz: libraries
	Tests/Fuzz/run.sh $(SECONDS_PER_FUZZ)

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

install: build
	install -D -m 0755 bin/etcd $(DESTDIR)$(PREFIX)/bin/etcd
	install -D -m 0755 bin/etcdctl $(DESTDIR)$(PREFIX)/bin/etcdctl
	install -D -m 0644 systemd/etcd.service $(DESTDIR)$(UNITS)/etcd.service
	install -D -m 0644 systemd/etcd-proxy.service $(DESTDIR)$(UNITS)/etcd-proxy.service
	bin/etcdctl completion bash > bin/etcdctl.bash
	install -D -m 0644 bin/etcdctl.bash $(DESTDIR)$(COMPLETIONS)/etcdctl
	bin/etcdctl completion zsh > bin/etcdctl.zsh
	install -D -m 0644 bin/etcdctl.zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_etcdctl
	bin/etcdctl completion fish > bin/etcdctl.fish
	install -D -m 0644 bin/etcdctl.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/etcdctl.fish

clean:
	rm -rf .build .build-fuzz bin

# Installs what is missing, and nothing else; needs root or sudo only then. The policy file keeps Debian from
# starting an etcd of its own on the ports that `make run` uses.
define installed
	@missing=""; for package in $(1); do \
	  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then echo "installing$$missing"; sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  policy=/usr/sbin/policy-rc.d; made=""; \
	  [ -e $$policy ] || { printf '#!/bin/sh\nexit 101\n' | $$sudo tee $$policy >/dev/null; $$sudo chmod 755 $$policy; made=1; }; \
	  $$sudo apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends$$missing >/dev/null; code=$$?; \
	  [ -z "$$made" ] || $$sudo rm -f $$policy; exit $$code; fi
endef

libraries:
	$(call installed,$(LIBRARIES))

peers:
	$(call installed,$(PEERS))
