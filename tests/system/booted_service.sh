#!/usr/bin/env bash
# The service as it is installed, under a systemd that has really booted: a throw-away container
# on this machine's own tree, whose writes go to memory.
#
#   tests/system/booted_service.sh BUILD_FOLDER
#
#   boot ─► start ─► READY=1 ─► reload ─► petted for two spans ─► frozen (SIGSTOP)
#        ─► watchdog ─► restarted ─► stop
#
# Exit code 77 says that this machine cannot do it, and why.
# shellcheck disable=SC2015,SC2317  # functions are called from a trap and from an inner shell
set -euo pipefail

build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
skip() { echo "skipped: $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "needs root"
command -v systemd-nspawn >/dev/null || skip "needs systemd-nspawn (package systemd-container)"
unshare --mount true 2>/dev/null || skip "may not make mounts"
[ -w /sys/fs/cgroup ] || skip "no control groups to write to"

work=$(mktemp -d)
group=raiten-booted-$$
leave() {
    find /sys/fs/cgroup -depth -type d -path "*/$group*" -exec rmdir {} + 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap leave EXIT

mkdir "$work/root" "$work/stage" "$work/out"
DESTDIR=$work/stage cmake --install "$build" --prefix /usr >/dev/null
[ -x "$work/stage/usr/bin/raitend" ] || { echo "nothing installed raitend"; exit 1; }
cp "$here/booted_service_inside.sh" "$work/inside"
cat >"$work/check.service" <<'UNIT'
[Unit]
SuccessAction=exit
FailureAction=exit
FailureActionExitStatus=7
[Service]
Type=oneshot
ExecStart=/bin/bash -c 'exec /check/inside >/check-out/said 2>&1'
TimeoutStartSec=90
UNIT

# A machine that runs no systemd itself has nobody who gives the container a control group.
own_group=()
[ -d /run/systemd/system ] || own_group=(--keep-unit)

enter_own_group() {
    local procs
    for procs in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do
        [ -e "$procs" ] || continue
        mkdir "${procs%/*}/$group" && echo $$ >"${procs%/*}/$group/cgroup.procs" || true
    done 2>/dev/null
}

# nspawn refuses `/` itself, so it is bound elsewhere, in a mount namespace that ends with it.
boot() {
    [ $# = 0 ] || enter_own_group
    mount --bind / "$work/root"
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 timeout -k 5 120 systemd-nspawn --quiet --boot \
        --directory="$work/root" --volatile=overlay --register=no "$@" \
        --private-users=no --private-network --link-journal=no --console=pipe \
        --capability=CAP_BPF,CAP_NET_ADMIN,CAP_PERFMON --system-call-filter=bpf \
        --bind-ro="$work:/check" --bind="$work/out:/check-out" \
        --bind-ro="$work/check.service:/etc/systemd/system/check.service" \
        systemd.unit=check.service </dev/null >"$work/out/boot.log" 2>&1
}

export -f boot enter_own_group
export work group
status=0
unshare --mount --propagation private bash -euc 'boot "$@"' boot "${own_group[@]}" || status=$?
cat "$work/out/said" 2>/dev/null || { echo "it did not boot:"; cat "$work/out/boot.log"; }
exit "$status"
