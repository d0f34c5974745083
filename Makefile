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
FUZZ_SECONDS ?= 60

TARGET := $(or $(CARGO_TARGET_DIR),target)
# Where the tests and the demo install to, so that they use what a user would have.
STAGE := $(CURDIR)/build/prefix
DEMO_CHECKPOINT := tests/data/golden/object_based/keras/ckpt-50

export PKG_CONFIG_PATH := $(STAGE)/lib/pkgconfig

##@ Use

.PHONY: build
build: setup-build ## libtfckpt.so, libtfckpt.a and the command tfckpt, into target/release
	$(CARGO) build --release --locked --features cli

.PHONY: demo
demo: setup-cpp stage ## a C++ program reads, verifies and writes a checkpoint
	rm -rf build/demo && mkdir -p build/demo
	$(CXX) -std=c++17 -O2 -Wall -Wextra examples/demo.cpp -o build/demo/demo \
	    $$(pkg-config --cflags --libs tfckpt) -Wl,-rpath,$(STAGE)/lib
	build/demo/demo $(DEMO_CHECKPOINT) build/demo/copy

.PHONY: install
install: $(TARGET)/release/tfckpt ## what was built, into PREFIX (/usr/local), under DESTDIR if set
	scripts/install $(TARGET)/release $(PREFIX) $(DESTDIR)

# Only where nothing is built yet: root, who installs, may have no Rust.
$(TARGET)/release/tfckpt:
	$(MAKE) build

##@ Test

.PHONY: test
test: setup-test test-rust test-install test-c test-cpp test-interop ## everything below, up to test-interop

.PHONY: test-rust
test-rust: setup-build ## the library and the command, debug assertions on
	$(CARGO) test --locked --features cli

.PHONY: test-install
test-install: setup-cpp stage ## what `make install` writes can be found, moved and linked
	scripts/check-install $(STAGE)

.PHONY: test-c
test-c: setup-test stage ## the C API: every header dialect, sanitizers, valgrind
	PREFIX=$(STAGE) tests/c/run

.PHONY: test-cpp
test-cpp: setup-cpp stage ## the C++ API
	PREFIX=$(STAGE) bindings/cpp/tests/run

.PHONY: test-interop
test-interop: setup-test stage ## against real TensorFlow
	TFCKPT_PREFIX=$(STAGE) .venv/bin/python -m pytest -q tests/interop

.PHONY: fuzz
fuzz: setup-fuzz ## every fuzz target for FUZZ_SECONDS (60)
	for target in $$(cargo fuzz list); do \
	    echo "== $$target"; \
	    rustup run nightly cargo fuzz run $$target -- -max_total_time=$(FUZZ_SECONDS); \
	done

.PHONY: bench
bench: setup-test stage ## speed, as a ratio to TensorFlow's; what a graph of 3 GiB costs
	TFCKPT_PREFIX=$(STAGE) benches/tensorflow/run
	$(CARGO) bench --locked --features cli --bench meta

##@ Develop

.PHONY: fmt
fmt: setup-lint ## formats the Rust code
	$(CARGO) fmt

.PHONY: lint
lint: setup-lint build check-manifest ## format, clippy, documentation, header, exported symbols
	scripts/if-there "cargo fmt" $(CARGO) fmt --check
	scripts/if-there "cargo clippy" $(CARGO) clippy --locked --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --locked --no-deps --all-features
	$(CARGO) test --locked --test header
	scripts/check-library $(TARGET)/release/libtfckpt.so tests/c/symbols.txt

.PHONY: header
header: setup-build ## writes include/tfckpt/tfckpt.h anew from src/capi
	TFCKPT_WRITE_HEADER=1 $(CARGO) test --locked --test header

.PHONY: questions
questions: setup-build ## writes what the command prints now into docs/questions.md
	TFCKPT_WRITE_QUESTIONS=1 $(CARGO) test --locked --features cli --test cli questions

.PHONY: check-manifest
check-manifest: setup-lint ## the test data are whole, and their manifests up to date
	python3 tests/data/make_manifest.py --check

.PHONY: docs
docs: setup-build ## the Rust documentation, into target/doc
	$(CARGO) doc --locked --no-deps

.PHONY: clean
clean: ## removes what was built; .venv stays
	rm -rf $(TARGET) build

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^##@/ { print "\n" substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: stage
stage: build
	scripts/install $(TARGET)/release $(STAGE)

.PHONY: setup-build setup-cpp setup-test setup-lint setup-fuzz
setup-build setup-cpp setup-test setup-lint setup-fuzz: setup-%:
	@scripts/setup $*
