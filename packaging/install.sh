#!/bin/sh
# Installs crelay for this user alone: the program, its manual pages, and what shells complete its words by.
#
#     curl -fsSL https://github.com/crelay/crelay/releases/latest/download/install.sh | sh
#
# Options follow `sh -s --`; `--help` lists them. Everything is fetched and checked before anything is changed, each file
# is put in its place whole, and a crelay that runs meanwhile goes on.

set -u

REPOSITORY=https://github.com/crelay/crelay

help() {
    cat <<'TEXT'
Installs crelay for this user alone.

Usage: install.sh [OPTIONS]

Options:
  --version VERSION  this release, such as 1.2.3, in place of the latest [env: CRELAY_INSTALL_VERSION]
  --to FOLDER        where the program goes [env: CRELAY_INSTALL_DIR] [default: ~/.local/bin]
  --from PLACE       a folder or an address that holds SHA256SUMS and the archives, in place of the
                     project's releases [env: CRELAY_INSTALL_FROM]
  --only-program     no manual pages and no completions
  --uninstall        removes what this script installs; configuration and keys stay
  --help             this text

Manual pages and completions go below $XDG_DATA_HOME [default: ~/.local/share].
TEXT
}

say() { printf '%s\n' "$*"; }

# fail WHAT [HINT]
fail() {
    printf 'error: %s\n' "$1" >&2
    if [ -n "${2-}" ]; then printf '\nhint: %s\n' "$2" >&2; fi
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# Paths as people write them.
short() {
    case $1 in
    "$HOME"/*) printf '%s' "~${1#"$HOME"}" ;;
    *) printf '%s' "$1" ;;
    esac
}

read_options() {
    action=install
    extras=yes
    version=${CRELAY_INSTALL_VERSION-}
    folder=${CRELAY_INSTALL_DIR-}
    place=${CRELAY_INSTALL_FROM-}
    while [ $# -gt 0 ]; do
        case $1 in
        --version | --to | --from)
            if [ -z "${2-}" ]; then fail "\`$1\` needs a value"; fi
            case $1 in
            --version) version=$2 ;;
            --to) folder=$2 ;;
            --from) place=$2 ;;
            esac
            shift
            ;;
        --version=*) version=${1#*=} ;;
        --to=*) folder=${1#*=} ;;
        --from=*) place=${1#*=} ;;
        --only-program) extras=no ;;
        --uninstall) action=uninstall ;;
        --help | -h) action=help ;;
        *) fail "\`$1\` is no option" "\`--help\` lists them" ;;
        esac
        shift
    done
}

# Where things go. What is not absolute is below the folder in which the script was called.
find_places() {
    case ${HOME-} in
    /*) ;;
    *) fail "\`HOME\` does not tell your home" ;;
    esac
    folder=${folder:-$HOME/.local/bin}
    case $folder in
    /*) ;;
    *) folder=$PWD/$folder ;;
    esac
    # As the XDG specification has it, a path that is not absolute does not count.
    case ${XDG_DATA_HOME-} in
    /*) shared=$XDG_DATA_HOME ;;
    *) shared=$HOME/.local/share ;;
    esac
    manual=$shared/man/man1
    bash=$shared/bash-completion/completions/crelay
    fish=$shared/fish/vendor_completions.d/crelay.fish
    zsh=$shared/zsh/site-functions/_crelay
    if [ -d "$folder/crelay" ]; then
        fail "\`$folder/crelay\` is a folder" "choose another with \`--to\`"
    fi
    # Who has something else by this name keeps it.
    if { [ -e "$folder/crelay" ] || [ -h "$folder/crelay" ]; } && ! is_crelay "$folder/crelay"; then
        fail "\`$folder/crelay\` is not crelay: it does not tell its version; nothing was changed" \
            "choose another folder with \`--to\`, or remove it yourself"
    fi
}

# is_crelay FILE: whether it says so of itself; what it says stays in `said`.
is_crelay() {
    said=
    if [ -f "$1" ] && [ -x "$1" ]; then said=$("$1" --version 2>/dev/null </dev/null | head -n 1); fi
    case $said in
    crelay\ [0-9]*) return 0 ;;
    *) return 1 ;;
    esac
}

# Which archive is for this machine. The program for Linux is static: no C library is asked for.
find_target() {
    build="\`cargo install crelay\` builds it where Rust is"
    system=$(uname -s)
    machine=$(uname -m)
    case $system in
    Linux) target=unknown-linux-musl ;;
    Darwin)
        target=apple-darwin
        # A shell under Rosetta is told of an Intel processor.
        if [ "$(sysctl -n hw.optional.arm64 2>/dev/null)" = 1 ]; then machine=arm64; fi
        ;;
    MINGW* | MSYS* | CYGWIN* | Windows*)
        fail "crelay does not run on Windows itself" "it does in WSL: start \`wsl\` and call this script there"
        ;;
    *) fail "there is no archive for $system" "$build" ;;
    esac
    case $machine in
    x86_64 | amd64) target=x86_64-$target ;;
    aarch64 | arm64) target=aarch64-$target ;;
    *) fail "there is no archive for a processor of the kind $machine" "$build" ;;
    esac
}

# While a program runs in the foreground, a shell hears no signal. Here alone its complaints are led elsewhere: led away
# at a call, they would take along what is said of a signal.
attend() {
    "$@" 2>"$work/why" &
    child=$!
    wait "$child"
    ended=$?
    child=
    return "$ended"
}

# fetch NAME: from the place into the folder of this run.
fetch() {
    case $place in
    https://* | http://*)
        if has curl; then
            attend curl --fail --silent --show-error --location --retry 3 --proto-redir =https \
                --output "$work/$1" "$place/$1"
        elif has wget; then
            attend wget -q -O "$work/$1" "$place/$1"
        else
            fail "neither \`curl\` nor \`wget\` is on your PATH"
        fi
        ;;
    *) attend cp "$place/$1" "$work/$1" ;;
    esac
}

# What the program that asks an address had to say, if anything.
why() {
    case $place in
    https://* | http://*) if [ -f "$work/why" ]; then tail -n 1 "$work/why"; fi ;;
    esac
}

digest() {
    if has sha256sum; then
        sha256sum <"$1"
    elif has shasum; then
        shasum -a 256 <"$1"
    elif has openssl; then
        openssl dgst -sha256 -r <"$1"
    fi
}

# Reads SHA256SUMS: which release it is of, and what the archive for this machine must be.
choose_archive() {
    archive=
    others=
    while read -r sum name; do
        name=${name#\*}
        case $name in
        *[!A-Za-z0-9._+-]*) continue ;;
        crelay-*-"$target".tar.gz) ;;
        crelay-*.tar.gz) others=yes && continue ;;
        *) continue ;;
        esac
        found=${name#crelay-}
        found=${found%-"$target".tar.gz}
        if [ -n "$version" ] && [ "$found" != "$version" ]; then
            others=yes
            continue
        fi
        if [ -n "$archive" ]; then
            fail "\`$place\` holds more than one release" "choose one with \`--version\`"
        fi
        archive=$name
        wanted=$sum
        release=$found
    done <"$work/SHA256SUMS"
    if [ -z "$archive" ] && [ -n "$others" ]; then
        fail "\`$place\` has no archive of crelay${version:+ $version} for $target" "$build"
    elif [ -z "$archive" ]; then
        fail "\`$place/SHA256SUMS\` names no archive of crelay"
    fi
}

check_archive() {
    found=$(digest "$work/$archive")
    found=${found%% *}
    if [ -z "$found" ]; then
        fail "cannot check what was fetched" "put one of \`sha256sum\`, \`shasum\` and \`openssl\` on your PATH"
    fi
    if [ "$found" != "$wanted" ]; then
        fail "\`$archive\` is not what was released: its SHA-256 is $found, not $wanted; nothing was changed" \
            "try again; if it stays so, tell $REPOSITORY/issues"
    fi
}

obtain() {
    place=${place#file://}
    place=${place%/}
    official=
    version=${version#v}
    if [ "$version" = latest ]; then version=; fi
    if [ -z "$place" ]; then
        official=yes
        place=$REPOSITORY/releases/latest/download
        if [ -n "$version" ]; then place=$REPOSITORY/releases/download/v$version; fi
    fi
    fetch SHA256SUMS ||
        fail "there is no release of crelay${version:+ $version} at \`$place\`, or it cannot be reached" "$(why)"
    choose_archive
    # What is the latest may change between two requests.
    if [ -n "$official" ]; then place=$REPOSITORY/releases/download/v$release; fi
    say "crelay $release for $target, from $place"
    fetch "$archive" || fail "cannot fetch \`$place/$archive\`; nothing was changed" "$(why)"
    check_archive
    say "fetched and checked $archive"
    attend tar -xzf "$work/$archive" -C "$work" || fail "cannot unpack \`$archive\`; nothing was changed"
    content=$work/${archive%.tar.gz}
}

# stage FILE MODE PLACE: beside its place, under a name that nobody looks for. It begins with `crelay` all the same: by
# another name, the program would take itself for a shim.
stage() {
    beside=$3.$$.new
    mkdir -p "${3%/*}" 2>/dev/null || fail "cannot make the folder \`${3%/*}\`" "choose another with \`--to\`"
    printf '%s\n%s\n' "$beside" "$3" >>"$work/staged"
    if ! { cp "$1" "$beside" && chmod "$2" "$beside"; } 2>/dev/null; then
        fail "cannot write into \`${3%/*}\`; nothing was changed"
    fi
}

stage_all() {
    # The program is the last to be put in its place.
    if [ "$extras" = yes ]; then
        pages=0
        for page in "$content"/man/*.1; do
            stage "$page" 644 "$manual/${page##*/}"
            pages=$((pages + 1))
        done
        stage "$content/completions/crelay.bash" 644 "$bash"
        stage "$content/completions/crelay.fish" 644 "$fish"
        stage "$content/completions/_crelay" 644 "$zsh"
    fi
    stage "$content/crelay" 755 "$folder/crelay"
    said=$("$beside" --version 2>&1 </dev/null)
    case $said in
    "crelay $release" | "crelay $release"[!0-9A-Za-z.-]*) ;;
    *) fail "crelay $release does not run on this machine; nothing was changed: $said" ;;
    esac
}

before() {
    if is_crelay "$folder/crelay"; then printf ', in the place of %s' "$said"; fi
}

put_in_place() {
    replaced=$(before)
    # From here on there is nothing that could fail for a reason of its own, and little to wait for.
    trap '' HUP INT TERM
    if [ "$extras" = yes ]; then rm -f "$manual"/crelay.1 "$manual"/crelay-*.1; fi
    while read -r beside && read -r final; do
        mv -f "$beside" "$final" 2>/dev/null || fail "cannot write \`$final\`"
    done <"$work/staged"
    say "wrote $(short "$folder/crelay")$replaced"
    if [ "$extras" = yes ]; then
        say "wrote $pages manual pages into $(short "$manual")"
        say "wrote completions for bash, fish and zsh below $(short "$shared")"
    fi
}

has_zsh() {
    case ${SHELL-} in
    */zsh) return 0 ;;
    *) has zsh ;;
    esac
}

advise() {
    case :$PATH: in
    *:"$folder":*)
        first=$(command -v crelay)
        if [ "$first" != "$folder/crelay" ]; then
            say
            say "\`crelay\` is still $first, which comes before on your PATH."
        fi
        ;;
    *)
        say
        say "$(short "$folder") is not on your PATH. This puts it there, from the next shell on:"
        case ${SHELL-} in
        */fish) say "    fish_add_path \"$folder\"" ;;
        */zsh) say "    echo 'export PATH=\"$folder:\$PATH\"' >>~/.zshrc" ;;
        */bash) say "    echo 'export PATH=\"$folder:\$PATH\"' >>~/.bashrc" ;;
        *) say "    echo 'export PATH=\"$folder:\$PATH\"' >>~/.profile" ;;
        esac
        ;;
    esac
    if [ "$extras" = yes ] && has_zsh && ! grep -qsF "${zsh%/*}" "${ZDOTDIR:-$HOME}/.zshrc"; then
        say
        say "zsh completes crelay's words once this stands in ~/.zshrc before \`compinit\`:"
        say "    fpath+=${zsh%/*}"
    fi
    install=
    if ! has codex; then install=" --install-codex"; fi
    say
    say "Try it without any key, in a Git repository: crelay exec --provider demo$install \"show me\""
}

# drop FILE: tells what it removes.
drop() {
    if [ -e "$1" ] || [ -h "$1" ]; then
        rm -f "$1" 2>/dev/null || fail "cannot remove \`$1\`"
        say "removed $(short "$1")"
        removed=yes
    fi
}

# Looks for a crelay that is still here, where programs are: its path is in `other`.
find_other() {
    other=
    places=$HOME/.local/bin:$PATH:
    while [ -n "$places" ]; do
        other=${places%%:*}/crelay
        places=${places#*:}
        if is_crelay "$other"; then return 0; fi
    done
    other=
    return 1
}

drop_extras() {
    for file in "$manual"/crelay.1 "$manual"/crelay-*.1 "$bash" "$fish" "$zsh"; do drop "$file"; done
    for parent in man/man1 bash-completion/completions fish/vendor_completions.d zsh/site-functions; do
        # A folder that holds something else stays.
        (cd "$shared" 2>/dev/null && rmdir -p "$parent" 2>/dev/null)
    done
}

uninstall_crelay() {
    removed=
    drop "$folder/crelay"
    find_other || drop_extras
    if [ -z "$removed" ]; then
        fail "there is no crelay in \`$folder\`" "name the folder in which it is with \`--to\`"
    fi
    for link in "$folder"/*; do
        if [ -h "$link" ] && [ ! -e "$link" ]; then
            case $(readlink "$link") in
            "$folder/crelay") say "$(short "$link") was a link to it, which leads nowhere now: rm $(short "$link")" ;;
            esac
        fi
    done
    if [ -n "$other" ]; then say "manual pages and completions stay for $(short "$other")"; fi
    say "configuration, keys and what crelay has kept for you stay where they are"
}

# shellcheck disable=SC2329  # A trap calls it.
clean_up() {
    if [ -n "${child-}" ]; then kill "$child" 2>/dev/null; fi
    if [ -f "$work/staged" ]; then
        while read -r beside && read -r final; do rm -f "$beside"; done <"$work/staged"
    fi
    rm -rf "$work"
}

# shellcheck disable=SC2329  # A trap calls it.
stop() {
    printf '\nerror: stopped; nothing was changed\n' >&2
    exit "$1"
}

install_crelay() {
    find_target
    work=$(mktemp -d "${TMPDIR:-/tmp}/crelay-install.XXXXXX" 2>/dev/null) || fail "cannot make a folder below \`${TMPDIR:-/tmp}\`"
    trap clean_up EXIT
    trap 'stop 129' HUP
    trap 'stop 130' INT
    trap 'stop 143' TERM
    obtain
    stage_all
    put_in_place
    advise
}

main() {
    umask 022
    read_options "$@"
    case $action in
    help) help ;;
    install) find_places && install_crelay ;;
    uninstall) find_places && uninstall_crelay ;;
    esac
}

# In braces: of a script that arrives in part, nothing is run.
{ main "$@"; exit; }
