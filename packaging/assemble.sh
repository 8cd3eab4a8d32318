#!/bin/sh
# Makes a release of what was built for all systems: assemble.sh BUILT FOLDER
#
# BUILT holds what `build.sh` and `wheel.sh` wrote. FOLDER gets `files` (what people fetch, with SHA256SUMS over it),
# `wheels`, `npm` (packages as npm wants them) and `notes.md`.

set -eu

cd "$(dirname "$0")/.."

built=$1
folder=$2
version=$(python3 packaging/release.py version)

mkdir -p "$folder/files" "$folder/wheels" "$folder/npm" "$folder/unpacked"
cp "$built"/*.whl "$folder/wheels"
cp "$built"/*.tar.gz "$built"/*.deb "$built"/*.rpm packaging/install.sh "$folder/files"
python3 packaging/release.py sums "$folder/files"
python3 packaging/release.py formula "$folder/files" >"$folder/crelay.rb"
mv "$folder/crelay.rb" "$folder/files"
python3 packaging/release.py sums "$folder/files"

# platform NAME TARGET: the program in the archive, as npm's packages want it named.
platform() {
    tar -xzf "$folder/files/crelay-$version-$2.tar.gz" -C "$folder/unpacked"
    programs="$programs $1=$folder/unpacked/crelay-$version-$2/crelay"
}
programs=
platform linux-x64 x86_64-unknown-linux-musl
platform linux-arm64 aarch64-unknown-linux-musl
platform darwin-x64 x86_64-apple-darwin
platform darwin-arm64 aarch64-apple-darwin
# shellcheck disable=SC2086  # Several words, in none of which a blank stands.
node packaging/npm/assemble.mjs --out "$folder/unpacked/npm" $programs
for package in "$folder"/unpacked/npm/@crelay/* "$folder/unpacked/npm/crelay"; do
    npm pack --silent --pack-destination "$folder/npm" "./$package"
done
rm -r "$folder/unpacked"
# A trial has no section in the changelog yet.
python3 packaging/release.py notes >"$folder/notes.md" || echo "A trial." >"$folder/notes.md"
