#!/bin/bash
# Inside the emulated machine: Raiten's wires on the kernel's own devices.
#
#   btvirt ─► vhci ─► hciA (advertises), hciZ ─► user channel ─► device-tool
#   uinput ─► evdev ─► device-tool, and nobody else
tool=/raiten/device-tool
failed=0
check() { # WHAT PATTERN TEXT
    if grep -qE "$2" <<<"$3"; then echo "good: $1"; else echo "FAILED: $1: wanted /$2/, got: $3"; failed=1; return 1; fi
}

echo  # the firmware leaves the cursor in a line of its own
modprobe -a bluetooth hci_vhci uinput evdev || { echo "FAILED: modules"; exit 1; }
check "a controller that is not there" "there is no controller hci40 " "$($tool refused hci:40)"

# A controller's first reset times out now and then where the machine is emulated.
for _ in 1 2 3 4 5; do
    btvirt -l2 >/run/btvirt.log 2>&1 &
    virtual=$!
    sleep 3
    for radio in $(hciconfig | sed -n 's/^\(hci[0-9]*\):.*/\1/p'); do hciconfig "$radio" up; done
    [ "$(hciconfig | grep -c 'UP RUNNING')" = 2 ] && break
    kill "$virtual"; wait "$virtual"; sleep 1
done
mapfile -t radios < <(hciconfig | sed -n 's/^hci\([0-9]*\):.*/\1/p' | sort -n)
echo "radios: ${radios[*]}, $(cut -d' ' -f1 /proc/uptime) s after the start"
hciconfig "hci${radios[1]}" up
check "a controller in use is left alone" "is in use by the system .*bluetoothctl power off" \
    "$($tool refused "hci:${radios[1]}")"
check "... and is still up" "UP RUNNING" "$(hciconfig "hci${radios[1]}")"
check "without the capability" "CAP_NET_ADMIN" \
    "$(setpriv --bounding-set -net_admin --inh-caps -net_admin $tool refused "hci:${radios[1]}")"

hciconfig "hci${radios[1]}" down
# btmgmt ends with its input, and the advertising with it.
manage() { sleep "$1" | timeout 120 btmgmt --index "${radios[0]}" "${@:2}"; }
manage 2 le on >/run/advertising 2>&1
manage 2 power on >>/run/advertising 2>&1
manage 90 add-adv -c -d 1aff4c000215e2c56db5dffb48d2b060d0f5a71096e000010002c5 1 \
    >>/run/advertising 2>&1 &
sleep 3
said=$($tool scan "hci:${radios[1]}" 1)
check "the driver's dialogue hears a beacon through the user channel" \
    "seen ibeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0/1/2" "$said" || cat /run/advertising

$tool gone "hci:${radios[1]}" >/run/gone 2>&1 &
gone=$!
sleep 5
check "two cannot have it" "is in use" "$($tool refused "hci:${radios[1]}")"
kill -9 "$virtual"
wait $gone
check "a controller that is pulled out" "^gone: " "$(tail -1 /run/gone)"
tail -1 /run/gone

$tool type 4901 >/run/typed &
typing=$!
sleep 2
event=$(grep -l "raiten test scanner" /sys/class/input/event*/device/name | sed 's#.*/\(event[0-9]*\)/.*#\1#')
$tool events "input:/dev/input/$event" 4 >/run/keys 2>&1 &
keys=$!
sleep 2
check "a grabbed device is nobody else's" "another program keeps" "$($tool refused "input:/dev/input/$event")"
wait $keys
check "a scan's keys, in order" "^up key 5 key 10 key 11 key 2 $" "$(tr '\n' ' ' </run/keys)"
$tool gone "input:/dev/input/$event" >/run/unplugged 2>&1 &
unplugged=$!
wait $typing
wait $unplugged
check "a scanner that is pulled out" "^gone: No such device" "$(tail -1 /run/unplugged)"
exit $failed
