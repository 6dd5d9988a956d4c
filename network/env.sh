# shellcheck shell=bash
# Sourced by network/setup, network/demo, tests/run and tests/bench, so that all of them build in one place, with one
# profile and one set of features: RocksDB and wasmtime then compile once.

theriac_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Outside the checkout: a fresh clone or another branch finds the heavy dependencies already built.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/theriac/target}"

# rustup puts cargo here; a shell that was open before its installation does not know yet.
if ! command -v cargo >/dev/null 2>&1 && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
  PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
  export PATH
fi

# Real files of GS1, OpenEPCIS and others. They are not part of the repository; tests that need them say so without.
if [ -z "${THERIAC_CONFORMANCE_DATA:-}" ] && [ -d "$theriac_root/../shared/data" ]; then
  THERIAC_CONFORMANCE_DATA=$(cd "$theriac_root/../shared/data" && pwd)
  export THERIAC_CONFORMANCE_DATA
fi

# Builds every binary. `--workspace` unifies features over all crates, and `--examples` (a few small ones) makes cargo
# count the features that tests ask for, so this shares every dependency with `cargo test --release --workspace`
# without building a single test.
theriac_build() {
  (cd "$theriac_root" && cargo build --release --workspace --bins --examples "$@")
}

# Prints the path of the `theriac` binary that theriac_build makes.
theriac_binary() {
  printf '%s\n' "$CARGO_TARGET_DIR/release/theriac"
}
