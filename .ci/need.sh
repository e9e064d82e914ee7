# Sourced by ./demo, ./test and .ci/run: checks what a command needs and installs the Debian packages that are missing.
# Not a program of its own, and never installs Rust: that is left to rustup.
# shellcheck shell=bash

rust_wanted=1.95

# One line per need: <for demo, channels (the demo with --channels) or test> <program or file that proves it is there> <Debian package>. A new need is a new
# line. Without the C headers gcc cannot compile the embedded SQLite; g++, zlib and OpenSSL are for the Kafka client, the JDK and
# Maven for the brokers that tests start.
needs='
demo  cc                              gcc
demo  ld                              binutils
demo  make                            make
demo  pkg-config                      pkg-config
demo  /usr/include/stdio.h            libc6-dev
demo  g++                             g++
demo  /usr/include/zlib.h             zlib1g-dev
demo  /usr/include/openssl/ssl.h      libssl-dev
channels  /usr/lib/python3/dist-packages/aiosmtpd  python3-aiosmtpd
test  /usr/lib/python3/dist-packages/aiosmtpd  python3-aiosmtpd
test  curl                            curl
test  git                             git
test  jq                              jq
test  java                            openjdk-17-jre-headless
test  mvn                             maven
test  kcat                            kcat
test  openssl                         openssl
test  systemd-analyze                 systemd
test  javac                           openjdk-17-jdk-headless
test  /usr/share/doc/python3-venv     python3-venv
test  valgrind                        valgrind
test  /usr/bin/chromium               chromium
'

# What the tests with other people's SDKs (package interop) need newer than Debian 12 has it: it has Node.js 18, Go 1.19.
# One line per program: <program> <oldest version> <how it says its version> <where it is to be had>.
newer='
node  20    --version  nodejs.org
npm   9     --version  nodejs.org
go    1.23  version    go.dev/dl, or golang-1.23-go or newer from bookworm-backports with its bin folder on PATH
'

say() { printf '%s\n' "$*" >&2; }

# need_rust: cargo on PATH in a version that can build this workspace.
need_rust() {
    [ -d "$HOME/.cargo/bin" ] && case ":$PATH:" in *":$HOME/.cargo/bin:"*) ;; *) PATH="$HOME/.cargo/bin:$PATH" ;; esac
    local have=
    have=$(cargo --version 2>/dev/null | cut -d ' ' -f 2) || true
    if [ -z "$have" ] || [ "$(printf '%s\n%s\n' "$rust_wanted" "$have" | sort -V | head -n 1)" != "$rust_wanted" ]; then
        say "Rust $rust_wanted or newer is needed; found: ${have:-none}."
        say "Install it with rustup (see https://rustup.rs), or update it: rustup update stable"
        exit 1
    fi
}

# need_packages demo|channels|test: everything in the table is there; what is missing is installed, or the line to do so is printed.
need_packages() {
    local set=$1 kind proof package missing=()
    while read -r kind proof package; do
        [ -n "$kind" ] || continue
        [ "$kind" = demo ] || [ "$kind" = "$set" ] || continue
        case "$proof" in
        /*) [ -e "$proof" ] || ! command -v dpkg >/dev/null 2>&1 || missing+=("$package") ;;
        *) command -v "$proof" >/dev/null 2>&1 || missing+=("$package") ;;
        esac
    done <<<"$needs"
    [ "${#missing[@]}" -gt 0 ] || return 0

    local root=()
    if [ "$(id -u)" -ne 0 ]; then root=(sudo); fi
    if ! command -v apt-get >/dev/null 2>&1; then
        say "Missing: ${missing[*]} (Debian package names). Install them and start again."
        exit 1
    fi
    if [ "${#root[@]}" -gt 0 ] && ! sudo -n true 2>/dev/null && ! { [ -t 0 ] && command -v sudo >/dev/null 2>&1; }; then
        say "Missing packages, and no right to install them. As root:"
        say "    apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
        exit 1
    fi
    say "Installing missing packages: ${missing[*]}"
    "${root[@]}" apt-get update -q </dev/null >&2
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" </dev/null >&2
}

# need_newer: the programs of the second table, in the version it names or above. Nothing here can install them.
need_newer() {
    local program oldest how where found lacking=
    while read -r program oldest how where; do
        [ -n "$program" ] || continue
        found=$("$program" "$how" 2>/dev/null | head -n 1 | tr -cs '0-9.' '\n' | grep -m 1 '[0-9]') || true
        [ -n "$found" ] && [ "$(printf '%s\n%s\n' "$oldest" "$found" | sort -V | head -n 1)" = "$oldest" ] && continue
        say "The tests need $program $oldest or newer; found: ${found:-none}. Install it from $where."
        lacking=1
    done <<<"$newer"
    [ -z "$lacking" ] || exit 1
}

# need_components: rustfmt and clippy, which a minimal rustup profile leaves out.
need_components() {
    local component
    for component in fmt clippy; do
        cargo "$component" --version >/dev/null 2>&1 && continue
        if command -v rustup >/dev/null 2>&1; then
            say "Adding the Rust component for cargo $component."
            rustup component add "$([ "$component" = fmt ] && echo rustfmt || echo clippy)" >&2
        else
            say "cargo $component is missing: add the Rust component rustfmt or clippy."
            exit 1
        fi
    done
}
