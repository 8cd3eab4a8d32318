#!/bin/sh
# Tries what `build.sh` makes, as its users do: check.sh [--no-build] [TARGET]
#
# The package for Debian is installed into an empty folder, used with the real Codex, and removed; nothing of this
# machine is changed, and nobody has to be root. The archive is installed by `install.sh`; what the package for RPM holds
# is looked at if there is an `rpm`. Codex is the one that `cargo test` installs.

set -eu

cd "$(dirname "$0")/.."

build=yes
if [ "${1-}" = --no-build ]; then
    build=no
    shift
fi
target=${1:-$(rustc -vV | sed -n 's/^host: //p')}
version=$(python3 packaging/release.py version)
codex=$PWD/tests/codex/node_modules/@openai/codex/bin/codex.js
# Codex tells where it works without links.
work=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$work"' EXIT

say() { printf '%s\n' "$*"; }

fail() {
    say "error: $*" >&2
    exit 1
}

# use PROGRAM: as somebody does who has never used crelay, and whom the machine tells nothing.
use() {
    mkdir -p "$work/home/project"
    said=$(alone "$1" --version)
    case $said in
    "crelay $version"*) ;;
    *) fail "$1 says it is $said" ;;
    esac
    said=$(alone "$1" exec --provider demo --codex "$codex" --skip-git-repo-check "show me" 2>&1) || fail "$said"
    case $said in
    *"$work/home/project"*"That was the whole path"*) say "$1 has run the real Codex" ;;
    *) fail "$said" ;;
    esac
    rm -rf "${work:?}/home"
}

alone() {
    (cd "$work/home/project" && env -i PATH="$PATH" HOME="$work/home" CRELAY_OFFLINE=1 "$@" </dev/null)
}

# there FILE…
there() {
    for file; do
        if [ ! -s "$file" ]; then fail "$file is not there"; fi
    done
}

check_archive() {
    mkdir "$work/home" "$work/place"
    # What the script installs for this machine is the static program, whatever was built.
    platform=$(uname -m | sed s/arm64/aarch64/)-unknown-linux-musl
    if [ "$(uname -s)" = Darwin ]; then platform=$target; fi
    mkdir "$work/place/from" && tar -xzf "$work/out/crelay-$version-$target.tar.gz" -C "$work/place/from"
    python3 packaging/release.py archive "$platform" "$work/place/from/crelay-$version-$target/crelay" "$work/place"
    rm -r "$work/place/from"
    python3 packaging/release.py sums "$work/place"
    HOME=$work/home sh packaging/install.sh --from "$work/place" --to "$work/bin"
    use "$work/bin/crelay"
}

check_debian() {
    package=$(ls "$work"/out/crelay_*.deb)
    root=$work/root
    mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
    touch "$root/var/lib/dpkg/status"
    # What it depends on is on this machine, of which that folder knows nothing.
    manage="fakeroot dpkg --root=$root --log=$work/log --force-not-root --force-depends --force-script-chrootless"
    find "$root" | sort >"$work/before"
    $manage --install "$package"
    there "$root/usr/bin/crelay" "$root/usr/share/doc/crelay/copyright"
    there "$root/usr/share/bash-completion/completions/crelay" "$root/usr/share/zsh/vendor-completions/_crelay"
    there "$root/usr/share/fish/vendor_completions.d/crelay.fish"
    for page in packaging/man/*.1; do there "$root/usr/share/man/man1/${page##*/}.gz"; done
    if command -v man >/dev/null; then
        MANPATH=$root/usr/share/man MANWIDTH=80 man crelay-exec | grep -q -- --provider || fail "no manual page is found"
    fi
    bash -c '. "$1" && complete -p crelay' bash "$root/usr/share/bash-completion/completions/crelay"
    use "$root/usr/bin/crelay"
    $manage --purge crelay
    find "$root" | sort >"$work/after"
    # Its own account of what it did remains.
    left=$(grep -v "^$root/var/lib/dpkg" "$work/after" | grep -vxF -f "$work/before" || true)
    if [ -n "$left" ]; then fail "left behind: $left"; fi
    say "$package is installed, used and removed, and nothing is left"
}

check_rpm() {
    package=$(ls "$work"/out/crelay-*.rpm)
    rpm -qlp "$package" >"$work/listed"
    for file in /usr/bin/crelay /usr/share/bash-completion/completions/crelay /usr/share/licenses/crelay/LICENSE \
        /usr/share/zsh/site-functions/_crelay /usr/share/fish/vendor_completions.d/crelay.fish; do
        grep -qx "$file" "$work/listed" || fail "$package has no $file"
    done
    for page in packaging/man/*.1; do
        grep -q "^/usr/share/man/man1/${page##*/}" "$work/listed" || fail "$package has no ${page##*/}"
    done
    rpm -qp --requires "$package"
    rpm -qip "$package"
}

there "$codex"
if [ "$build" = no ]; then set -- --no-build; else set --; fi
sh packaging/build.sh "$@" "$target" "$work/out"
check_archive
case $target in
*-linux-*)
    check_debian
    if command -v rpm >/dev/null; then check_rpm; else say "no rpm here: what its package holds is not looked at"; fi
    ;;
esac
