#!/usr/bin/env bash
# Raiten's wires on kernel devices that few machines have: a Bluetooth controller's user channel and
# a grabbed input device, in an emulated machine with Debian's kernel (vhci, uinput).
#
#   tests/system/device_machine.sh BUILD_FOLDER [MACHINE_FOLDER]
#
# The machine (about 2 GB, 1 to 3 minutes) is made once and kept in MACHINE_FOLDER, by default
# BUILD_FOLDER/machine. Exit code 77 says that this machine cannot do it, and why.
set -euo pipefail

build=$(realpath "$1")
machine=$(realpath -m "${2:-$build/machine}")
here=$(cd "$(dirname "$0")" && pwd)
skip() { echo "skipped: this machine $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "needs root"
for program in qemu-system-x86_64 debootstrap cpio mkfs.ext4 depmod busybox; do
    command -v $program >/dev/null || skip "has no $program (packages qemu-system-x86 debootstrap cpio e2fsprogs kmod busybox-static)"
done
[ "$(uname -m)" = x86_64 ] || skip "is not x86_64"
tool=$build/bin/device-tool
[ -x "$tool" ] || { echo "build the target device-tool first"; exit 1; }

# Debian's kernel with its modules, and a small Debian with BlueZ's tools.
make_machine() {
    local package version
    mkdir -p "$machine"
    cd "$machine"
    package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-/ { print $2; exit }')
    apt-get download -q "$package"
    dpkg-deb -x "$package"_*.deb kernel
    version=${package#linux-image-}
    debootstrap --variant=minbase --include=systemd,systemd-sysv,udev,kmod,dbus,bluez,bluez-test-tools \
        bookworm root >debootstrap.log
    mkdir -p root/lib/modules
    cp -a "kernel/lib/modules/$version" root/lib/modules/
    depmod -b "$PWD/root" "$version"
    cp "kernel/boot/vmlinuz-$version" vmlinuz
    rm -rf kernel ./*.deb
    echo "$version" >made
}

# What finds the disk and hands over to systemd.
make_first_stage() {
    local version module
    version=$(cat "$machine/made")
    rm -rf "$machine/first"
    mkdir -p "$machine"/first/{bin,lib,proc,sys,dev,new}
    cp "$(command -v busybox)" "$machine/first/bin/busybox"
    for module in virtio_pci virtio_blk crc32c_generic ext4; do
        modprobe -d "$machine/root" -S "$version" --show-depends $module
    done | awk '/^insmod/ && !seen[$2]++ { print $2 }' | while read -r module; do
        cp "$module" "$machine/first/lib/"
        basename "$module" >>"$machine/first/modules"
    done
    cat >"$machine/first/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for module in $(cat /modules); do insmod /lib/$module; done
i=0; while [ ! -b /dev/vda ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done
mount -t ext4 /dev/vda /new; umount /proc /sys; mount --move /dev /new/dev
exec switch_root /new /sbin/init
INIT
    chmod +x "$machine/first/init"
    (cd "$machine/first" && find . | cpio -o -H newc --quiet | gzip -1) >"$machine/first.gz"
}

put_inside() {
    local inside=$machine/root/raiten library
    rm -rf "$inside"
    mkdir -p "$inside/lib"
    cp "$tool" "$here/machine/kernel_devices.sh" "$inside/"
    while read -r library; do
        [ -e "$machine/root$library" ] || cp -L "$library" "$inside/lib/"
    done < <(ldd "$tool" | awk '$3 ~ /^\// { print $3 }')
    cat >"$machine/root/etc/systemd/system/check.service" <<'UNIT'
[Unit]
After=basic.target dbus.socket systemd-udevd.service
Wants=dbus.socket systemd-udevd.service
SuccessAction=poweroff
FailureAction=poweroff
[Service]
Type=oneshot
Environment=LD_LIBRARY_PATH=/raiten/lib
ExecStart=/bin/bash -c '/raiten/kernel_devices.sh >/dev/ttyS0 2>&1; echo "ended with $?" >/dev/ttyS0'
TimeoutStartSec=500
UNIT
    ln -sf /dev/null "$machine/root/etc/systemd/system/bluetooth.service"
    rm -f "$machine/disk"
    mkfs.ext4 -q -d "$machine/root" "$machine/disk" 2000M
}

[ -e "$machine/made" ] || (make_machine) || skip "could not make the emulated one (Debian's archive is needed)"
make_first_stage
put_inside
timeout -k 5 570 qemu-system-x86_64 -M q35 -accel tcg,thread=multi -cpu Nehalem -m 1024 \
    -smp 2 -nographic -no-reboot -nic none -kernel "$machine/vmlinuz" -initrd "$machine/first.gz" \
    -drive file="$machine/disk",format=raw,if=virtio,cache=unsafe,snapshot=on \
    -append "console=ttyS0 panic=-1 mitigations=off systemd.unit=check.service quiet systemd.show_status=false" \
    </dev/null 2>&1 | stdbuf -oL tr -d '\r' | tee "$machine/console" | grep --line-buffered -E '^(good|FAILED|radios|gone|ended)' || true
grep -q '^ended with' "$machine/console" || { echo "it did not boot:"; tail -20 "$machine/console"; exit 1; }
exit "$(sed -n 's/^ended with \([0-9]*\).*/\1/p' "$machine/console" | tail -1)"
