#!/bin/sh
# Builds what a release has for one system: build.sh TARGET FOLDER, TARGET as rustc spells it.
#
# FOLDER gets the archive and, for Linux, packages for Debian and for RPM. `--no-build` before TARGET takes the program
# that is there. For a target of musl, `musl-gcc` compiles the little that is C.

set -eu

cd "$(dirname "$0")/.."

build=yes
if [ "$1" = --no-build ]; then
    build=no
    shift
fi
target=$1
folder=$2
out=${CARGO_TARGET_DIR:-target}
tools=$out/tools
program=$out/$target/release/crelay

# tool NAME VERSION: into a folder of its own, so that nobody else's is used or changed.
tool() {
    if [ "$("$tools/bin/$1" --version 2>/dev/null | sed 's/.* //')" != "$2" ]; then
        cargo install --quiet --locked --root "$tools" --version "$2" "$1"
    fi
}

if [ "$build" = yes ]; then cargo build --release --locked --target "$target"; fi
mkdir -p "$folder"
python3 packaging/release.py archive "$target" "$program" "$folder"
case $target in
*-linux-*)
    tool cargo-deb 3.8.0
    tool cargo-generate-rpm 0.21.1
    "$tools/bin/cargo-deb" --quiet --no-build --target "$target" --output "$folder"
    # Of a static program RPM would find nothing to require, and asks `ldd`, which fails.
    automatic=auto
    if [ "${target%musl}" != "$target" ]; then automatic=disabled; fi
    "$tools/bin/cargo-generate-rpm" --target "$target" --auto-req "$automatic" --output "$folder"
    ;;
esac
