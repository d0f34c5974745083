# Every verb of the project. `make help` lists them; each installs what it lacks.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
# The verbs share cargo's target folder and the stage.
.NOTPARALLEL:
.DEFAULT_GOAL := build

# scripts/setup notes there the Rust it found off the PATH; every recipe's bash reads it.
export BASH_ENV := $(CURDIR)/build/env.sh

PREFIX ?= /usr/local
DESTDIR ?=
CARGO ?= cargo
CMAKE ?= cmake
FUZZ_SECONDS ?= 60
FUZZ_EXECUTIONS ?= 50000000
SOAK_SECONDS ?= 600
LIES ?= 5000

TARGET := $(or $(CARGO_TARGET_DIR),target)
# Where the tests and the demo install to, so that they use what a user would have.
STAGE := $(CURDIR)/build/prefix
# What else builds the library with CMake builds it there too, all but once.
export TFCKPT_CARGO_TARGET_DIR := $(abspath $(TARGET))
DEMO_CHECKPOINT := tests/data/golden/object_based/keras/ckpt-50

export PKG_CONFIG_PATH := $(STAGE)/lib/pkgconfig

##@ Use

.PHONY: build
build: setup-build ## libtfckpt.so, libtfckpt.a and the command tfckpt, into target/release
	$(call configure,build/cmake,/usr/local)
	$(CMAKE) --build build/cmake

# $(call configure,FOLDER,PREFIX): CMake does what it does for anybody, with the verbs' cargo.
configure = $(CMAKE) -S . -B $1 -DCMAKE_INSTALL_PREFIX=$2 -DCMAKE_BUILD_TYPE=Release \
    -DTFCKPT_CARGO=$$(command -v $(CARGO)) -DTFCKPT_CARGO_TARGET_DIR=$(abspath $(TARGET)) >/dev/null

.PHONY: demo
demo: setup-cpp stage ## a C++ program reads, verifies and writes a checkpoint
	rm -rf build/demo
	$(CMAKE) -S examples -B build/demo -DCMAKE_PREFIX_PATH=$(STAGE) -DCMAKE_BUILD_TYPE=Release >/dev/null
	$(CMAKE) --build build/demo --target demo
	build/demo/demo $(DEMO_CHECKPOINT) build/demo/copy

.PHONY: install
install: build/cmake/lib/libtfckpt.so ## what was built, into PREFIX (/usr/local), under DESTDIR if set
	DESTDIR=$(DESTDIR) $(CMAKE) --install build/cmake --prefix $(abspath $(PREFIX))

# Only where nothing is built yet: root, who installs, may have no Rust.
build/cmake/lib/libtfckpt.so:
	$(MAKE) build

.PHONY: package
package: setup-package build ## .deb packages and a .tar.gz, into build/packages
	rm -rf build/packages
	cd build/cmake && cpack -G TGZ -B ../packages
	$(call configure,build/debian,/usr)
	$(CMAKE) --build build/debian
	cd build/debian && cpack -G DEB -B ../packages
	rm -rf build/packages/_CPack_Packages

##@ Test

.PHONY: test
test: setup-test test-rust test-consumer test-examples test-c test-cpp test-go test-java test-tsan test-interop ## everything below, up to test-interop

.PHONY: test-rust
test-rust: setup-build ## the library and the command, debug assertions on
	$(CARGO) test --locked --features cli

.PHONY: test-consumer
test-consumer: setup-consumer stage ## projects of others find it: installed, moved, packed, from sources
	tests/consumer/run $(STAGE)

.PHONY: test-examples
test-examples: setup-cpp stage ## the examples, and the programs in the documents
	tests/examples/run $(STAGE)

.PHONY: test-c
test-c: setup-test stage ## the C API: every header dialect, sanitizers, valgrind
	PREFIX=$(STAGE) tests/c/run

.PHONY: test-cpp
test-cpp: setup-cpp-tests stage ## the C++ API
	PREFIX=$(STAGE) bindings/cpp/tests/run

.PHONY: test-go
test-go: setup-go stage ## the Go package: race detector, strict pointers, static, some fuzzing
	PREFIX=$(STAGE) bindings/go/tests/run

.PHONY: test-java
test-java: setup-java stage ## the Java library: watched by the JVM, on each JDK there is; javadoc, jars, examples
	PREFIX=$(STAGE) bindings/java/tests/run

.PHONY: test-tsan
test-tsan: setup-tsan ## threads that share a reader, under ThreadSanitizer
	bindings/cpp/tests/tsan/run

.PHONY: test-interop
test-interop: setup-test stage ## against real TensorFlow
	TFCKPT_PREFIX=$(STAGE) .venv/bin/python -m pytest -q tests/interop

.PHONY: fuzz
fuzz: setup-fuzz ## every fuzz target for FUZZ_SECONDS (60), and on to FUZZ_EXECUTIONS (50 million) in all
	FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_EXECUTIONS=$(FUZZ_EXECUTIONS) scripts/fuzz

# What test-rust does of these takes seconds.
.PHONY: crash
crash: setup-build ## power cuts, kills, faults and full disks, all there are of them
	TFCKPT_CRASH_FULL=1 $(CARGO) test --locked --test crash -- --nocapture --skip soak::

.PHONY: soak
soak: setup-build ## writers, readers and sudden deaths for SOAK_SECONDS (600)
	TFCKPT_SOAK_SECONDS=$(SOAK_SECONDS) $(CARGO) test --locked --test crash soak:: -- --nocapture

.PHONY: coverage
coverage: setup-fuzz ## what of src each fuzz target reaches with its corpus
	scripts/coverage

.PHONY: differential
differential: setup-test stage ## LIES (5000) checkpoints with a lie each, read by TensorFlow and by this library
	TFCKPT_PREFIX=$(STAGE) TFCKPT_LIES=$(LIES) .venv/bin/python -m pytest -q -s tests/interop/test_differential.py

.PHONY: miri
miri: setup-miri ## the core and the C API under Miri: here, on 32 bits, and with the highest byte first
	scripts/miri "$$(rustc -vV | sed -n 's/^host: //p')" i686-unknown-linux-gnu s390x-unknown-linux-gnu

.PHONY: reproducible
reproducible: setup-build ## libtfckpt.so built twice, in different folders: the same bytes
	scripts/reproducible

.PHONY: bench
bench: setup-test stage bench-go bench-java ## speed beside TensorFlow's, safetensors', C's and the machine's (BENCH_JSON=FILE); growth; the memory of a graph; what the C++ header costs
	bindings/cpp/compile_time
	TFCKPT_PREFIX=$(STAGE) benches/tensorflow/run
	$(CARGO) bench --locked --features cli --bench micro
	$(MAKE) bench-growth
	$(CARGO) bench --locked --features cli --bench meta

.PHONY: bench-table
bench-table: setup-test stage ## of that, the table alone
	TFCKPT_PREFIX=$(STAGE) benches/tensorflow/run

.PHONY: bench-growth
bench-growth: setup-build ## time and memory from a thousand entries to ten million, and by shards
	$(CARGO) bench --locked --features cli --bench growth

# With what the tests have built.
.PHONY: bench-quick
bench-quick: setup-test stage ## that all of the benchmark works, at a small scale; its figures mean nothing
	TFCKPT_PREFIX=$(STAGE) benches/tensorflow/run --scale 0.01 --rounds 1
	$(CARGO) bench --locked --features cli --profile dev --bench micro -- --test
	$(CARGO) bench --locked --features cli --profile dev --bench growth -- --max 10000

.PHONY: bench-go
bench-go: setup-go stage ## speed of the Go package, as a ratio to that of C
	bindings/go/tests/bench $(STAGE)

.PHONY: bench-java
bench-java: setup-java stage ## speed of the Java library, as a ratio to that of C and of TensorFlow for Java
	bindings/java/tests/bench $(STAGE)

##@ Develop

.PHONY: fmt
fmt: setup-lint ## formats the Rust and the Go code
	$(CARGO) fmt
	gofmt -w bindings/go

.PHONY: lint
lint: setup-lint stage check-manifest docs ## format, clippy, go vet, documentation, header, exported symbols
	scripts/if-there "cargo fmt" $(CARGO) fmt --check
	scripts/if-there "cargo clippy" $(CARGO) clippy --locked --all-targets --all-features -- -D warnings
	$(CARGO) test --locked --test header --test abi
	bindings/go/tests/lint $(STAGE)
	scripts/check-library $(TARGET)/release/libtfckpt.so tests/c/symbols.txt
	scripts/if-there abidiff scripts/abi check
	scripts/if-there "cargo deny" scripts/deny

.PHONY: header
header: setup-build ## writes include/tfckpt/tfckpt.h anew from src/capi
	TFCKPT_WRITE_HEADER=1 $(CARGO) test --locked --test header

.PHONY: abi
abi: setup-lint ## takes down the binary interface of a release, into tests/abi
	scripts/abi write

.PHONY: questions
questions: setup-build ## writes what the command prints now into docs/questions.md
	TFCKPT_WRITE_QUESTIONS=1 $(CARGO) test --locked --features cli --test cli questions

.PHONY: check-manifest
check-manifest: setup-lint ## the test data are whole, and their manifests up to date
	python3 tests/data/make_hostile.py --check
	python3 tests/data/make_manifest.py --check

.PHONY: docs
docs: setup-docs ## the documentation of C and C++ into build/docs, that of Rust into target/doc
	scripts/docs
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --locked --no-deps --all-features

.PHONY: clean
clean: ## removes what was built; .venv stays
	rm -rf $(TARGET) build bindings/java/target bindings/java/*/target

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^##@/ { print "\n" substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: stage
stage: build
	rm -rf $(STAGE)
	$(CMAKE) --install build/cmake --prefix $(STAGE) >/dev/null

SETUPS := $(addprefix setup-, build cpp cpp-tests package consumer go java tsan test docs lint fuzz miri)
.PHONY: $(SETUPS)
$(SETUPS): setup-%:
	@scripts/setup $*
