#!/bin/sh
# Builds the wheel of one system: wheel.sh TARGET FOLDER, TARGET as rustc spells it, of which the program should be built.

set -eu

cd "$(dirname "$0")/.."

target=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
tools=${CARGO_TARGET_DIR:-target}/tools/python
python3 -m venv "$tools"
tools=$(cd "$tools" && pwd)/bin

"$tools/pip" install --quiet "maturin==1.16.*" "wheel==0.48.*"
cd packaging/python
"$tools/maturin" build --release --locked --target "$target" --out "$folder"
case $target in
*-linux-musl)
    # A static program runs beside every C library, and says so to every pip.
    machine=${target%%-*}
    for wheel in "$folder"/*linux*_"$machine".whl; do
        "$tools/wheel" tags --remove \
            --platform-tag "manylinux_2_17_$machine.manylinux2014_$machine.musllinux_1_1_$machine" "$wheel"
    done
    ;;
esac
