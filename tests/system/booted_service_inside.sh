#!/usr/bin/env bash
# The inner half of booted_service.sh: runs as a unit of the booted systemd.
set -eu

told() { journalctl --no-pager --unit raitend --output cat; }
failed() {
    echo "FAILED: $*"
    systemctl status --no-pager raitend || true
    told
    exit 1
}
property() { systemctl show --value --property "$1" raitend; }

# soon WORDS COMMAND...: the command comes true within 20 s
soon() {
    local what=$1 tries=200
    shift
    until "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || failed "$what"
        sleep 0.1
    done
    echo "booted: $what"
}

cp -r /check/stage/* /
install -d -m 0700 /etc/credstore
# One secret is there and the others are not: neither may stop the start.
(umask 077 && head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >/etc/credstore/raiten.token.key)
mkdir -p /etc/raiten
printf '[store]\ntenant = "acme"\nstore = "ginza"\ndevice = "box-1"\ntimezone = "Asia/Tokyo"\n' >/etc/raiten/raiten.toml
# Short spans, so that the test is short; a sanitizer's leak search would need ptrace.
mkdir -p /etc/systemd/system/raitend.service.d
cat >/etc/systemd/system/raitend.service.d/test.conf <<'UNIT'
[Service]
WatchdogSec=2
RestartSec=100ms
# Whoever may open a serial port through the group may do so from inside all the hardening.
ExecStartPre=/usr/bin/test -r /srv/serial
Environment=ASAN_OPTIONS=detect_leaks=0
UNIT
systemd-sysusers raiten.conf
install -m 0060 -g dialout /dev/null /srv/serial
systemctl daemon-reload

systemctl start raitend || failed "start"
[ "$(property ActiveState)" = active ] || failed "active once it said that it is ready"
first=$(property MainPID)
echo "booted: active, said: $(property StatusText)"
[ "$(ps -o user= -p "$first")" = raiten ] || failed "runs as raiten"
[ "$(stat -c %U:%a /var/lib/raiten)" = raiten:700 ] || failed "its state is its own"
[ "$(stat -c %G:%a /run/raiten)" = raiten:750 ] || failed "its group reaches its socket"
[ "$(ls /run/credentials/raitend.service)" = token.key ] || failed "gets the secret that exists"
echo "booted: own user, own state, one secret"

# More than two spans of the watchdog: only petting gets a process through that.
systemctl reload raitend || failed "reload"
sleep 4.5
[ "$(property MainPID)" = "$first" ] || failed "the same process after reload and two spans"
echo "booted: reloaded, and petted the watchdog"

restarted() { [ "$(property NRestarts)" = 1 ] && [ "$(property ActiveState)" = active ]; }
systemctl kill --signal STOP raitend
soon "frozen, found by the watchdog, restarted" restarted
told | grep -q 'Watchdog timeout' || failed "it was the watchdog who did it"

systemctl stop raitend
[ "$(property Result) $(property ExecMainStatus)" = "success 0" ] || failed "clean stop"
echo "booted: stopped cleanly"

systemd-analyze security --no-pager --offline=yes --threshold=20 raitend.service >/tmp/exposure \
    || { cat /tmp/exposure; failed "less exposed than 2.0 of 10"; }
tail -n 1 /tmp/exposure

# The drop-ins that an installer may copy: Bluetooth, and secrets that lie encrypted.
cp /usr/share/doc/raiten/raitend.service.d/*.conf /etc/systemd/system/raitend.service.d/
mkdir /etc/credstore.encrypted
systemd-creds encrypt --name=token.key /etc/credstore/raiten.token.key \
    /etc/credstore.encrypted/raiten.token.key 2>/dev/null
systemctl daemon-reload
systemctl start raitend || failed "start with the drop-ins"
cmp /etc/credstore/raiten.token.key /run/credentials/raitend.service/token.key || failed "decrypts"
grep -q '^CapEff:.*3000$' "/proc/$(property MainPID)/status" || failed "may use the controller"
echo "booted: with Bluetooth and an encrypted secret"
