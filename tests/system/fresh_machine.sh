#!/usr/bin/env bash
# A stranger's first minutes: a new Debian 12 that has git and ca-certificates and nothing else,
# a clone of the last commit, and one command.
#
#   tests/system/fresh_machine.sh ./dev test
#
# Needs root, mmdebstrap, and room for 5 GB in $TMPDIR (default /var/tmp). Packages come from
# wherever this machine gets its own. Servers that the command starts see this machine's network,
# as they listen on loopback only. KEEP=1 leaves the tree behind and says where.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -gt 0 ] || { echo "usage: $0 COMMAND..." >&2; exit 64; }
[ "$(id -u)" = 0 ] || { echo "needs root: it makes a tree and enters it" >&2; exit 69; }
command -v mmdebstrap >/dev/null || { echo "needs the package mmdebstrap" >&2; exit 69; }

root=$(mktemp -d "${TMPDIR:-/var/tmp}/fresh-machine.XXXXXX")
leave() {
    if [ -n "${KEEP:-}" ]; then echo "kept: $root"; else rm -rf --one-file-system "$root"; fi
}
trap leave EXIT

# stage WORDS COMMAND...: the command, then how long it took
stage() {
    local what=$1 start=$SECONDS status=0
    shift
    "$@" || status=$?
    printf 'fresh machine: %-28s %5d s, exit code %d\n' "$what" $((SECONDS - start)) "$status"
    return "$status"
}

# This machine's sources and its settings for fetching (proxies, dates), and none of its habits.
make_tree() {
    local sources=() settings=() file
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
        [ -s "$file" ] && sources+=("$file")
    done
    for file in /etc/apt/apt.conf.d/*; do
        grep -q '^ *Acquire' "$file" && settings+=(--aptopt="$file")
    done
    mmdebstrap --quiet --variant=minbase --include=git,ca-certificates "${settings[@]}" \
        bookworm "$root" "${sources[@]}"
    cp -L /etc/resolv.conf "$root/etc/"
    if [ -d /usr/local/share/ca-certificates ]; then
        cp -r /usr/local/share/ca-certificates "$root/usr/local/share/"
        chroot "$root" update-ca-certificates >/dev/null 2>&1
    fi
}

# inside COMMAND...: in namespaces of its own, so that mounts and processes end with it. The tree
# becomes the real root: from a mere chroot, the kernel refuses the container of booted_service.sh.
inside() {
    # shellcheck disable=SC2016  # the inner shell expands these
    unshare --mount --pid --fork --kill-child --ipc --uts sh -euc '
        root=$1; shift
        mount --bind "$root" "$root"
        mount --rbind /dev "$root/dev"
        mount --rbind /sys "$root/sys"
        mount -t proc proc "$root/proc"
        cd "$root"
        pivot_root . mnt
        umount --lazy mnt
        exec chroot . /usr/bin/env -i HOME=/root TERM=dumb LANG=C.UTF-8 \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' sh "$root" "$@"
}

stage "make the machine" make_tree
git -C "$here" bundle create --quiet "$root/root/raiten.bundle" HEAD
stage "clone" inside git -c advice.detachedHead=false clone --quiet /root/raiten.bundle /root/raiten
# shellcheck disable=SC2016
stage "$*" inside sh -c 'cd /root/raiten && exec "$@"' sh "$@"
du -sh --one-file-system "$root" | sed 's/^\([^\t]*\).*/fresh machine: \1 on disk/'
