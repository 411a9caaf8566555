#!/usr/bin/env bash
# usage: boot.sh RESULTS SOURCE PYTHON PACKAGES
# Boots this machine's own systemd as process 1 of new namespaces, on an overlay of / that forgets
# everything, and lets scene.py act there. What it saw lies in RESULTS/seen.json afterwards.
#
# SOURCE: the project. PYTHON: the interpreter's prefix. PACKAGES: its folder of packages.
# Exit code 77: this machine does not allow it; the last line says what.
set -euo pipefail

cannot() {
    echo "$1"
    exit 77
}

# Outside: a cgroup of our own, which becomes the root of the new system's tree.
outside() {
    [ "$(id -u)" -eq 0 ] || cannot "only root can boot a system in namespaces"
    [ -x /lib/systemd/systemd ] || cannot "/lib/systemd/systemd is not installed"
    local tree
    tree=$(findmnt --noheadings --first-only --types cgroup2 --output TARGET) || cannot "no cgroup2 is mounted"
    own=$tree/monitord-test-$$
    mkdir "$own" 2>/dev/null || cannot "no group can be made in $tree"
    trap 'find "$own" -depth -type d -exec rmdir {} \; 2>/dev/null || true' EXIT
    unshare --mount --pid --fork --uts --ipc --net --cgroup true 2>/dev/null ||
        cannot "new namespaces are not permitted"
    (
        echo "$BASHPID" >"$own/cgroup.procs"
        exec unshare --mount --pid --fork --kill-child --uts --ipc --net --cgroup \
            bash "$0" --inside "$@"
    ) || true # a system that is powered off ends by a signal: seen.json says how it went
}

bind() { # SOURCE TARGET
    mkdir -p "$2"
    mount --bind "$1" "$2"
}

# Inside: build the new root, then become systemd.
inside() {
    local results=$1 source=$2 python=$3 packages=$4 root=/mnt/root node
    mount --make-rprivate /
    mount -t tmpfs -o mode=755 tmpfs /mnt
    mkdir /mnt/upper /mnt/work "$root"
    mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay "$root"

    mount -t proc proc "$root/proc"
    mount -t sysfs -o ro sysfs "$root/sys"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for node in null zero full random urandom tty; do
        : >"$root/dev/$node"
        mount --bind "/dev/$node" "$root/dev/$node"
    done
    mkdir "$root/dev/shm" "$root/dev/pts"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
    ln -s pts/ptmx "$root/dev/ptmx"
    ln -s /proc/self/fd "$root/dev/fd"

    bind "$python" "$root/opt/python"
    bind "$packages" "$root/opt/packages"
    mkdir -p "$root/opt/source"
    cp -r "$source/monitord" "$source/tests" "$source/deploy" "$source/simulators" "$root/opt/source"
    chmod -R a+rX "$root/opt/source" # a checkout may be for its owner alone
    mount -t tmpfs tmpfs "$root/run"
    bind "$results" "$root/opt/results"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp" # last: the sources above may lie below /tmp

    install_units "$root"
    cd "$root"
    mkdir -p .before
    pivot_root . .before
    cd /
    umount -l /.before
    # systemd leaves this to whoever made the namespace; without it credentials cannot be handed in.
    mount --make-rshared /
    exec env -i container=monitord-test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd \
        --system --unit=scene.target --log-target=journal --show-status=no
}

install_units() { # ROOT: the unit as it is delivered, and what starts the scene
    local root=$1 units=$1/etc/systemd/system
    : >"$root/etc/fstab"
    install -D -m 644 "$root/opt/source/deploy/systemd/monitord.service" -t "$units"
    install -D -m 644 "$root/opt/source/deploy/systemd/monitord-traps.socket" -t "$units"
    install -D -m 644 "$root/opt/source/deploy/systemd/monitord.sysusers" "$root/etc/sysusers.d/monitord.conf"
    mkdir -p "$root/opt/monitord/bin"
    cat >"$root/opt/monitord/bin/monitord" <<'SH'
#!/bin/sh
export LD_LIBRARY_PATH=/opt/python/lib PYTHONPATH=/opt/source:/opt/packages PYTHONDONTWRITEBYTECODE=1
exec /opt/python/bin/python3 -m monitord "$@"
SH
    chmod 755 "$root/opt/monitord/bin/monitord"
    cat >"$units/scene.service" <<'UNIT'
[Unit]
After=basic.target
[Service]
Environment=LD_LIBRARY_PATH=/opt/python/lib PYTHONPATH=/opt/source:/opt/packages PYTHONDONTWRITEBYTECODE=1
ExecStart=/opt/python/bin/python3 /opt/source/tests/integration/systemd/scene.py /opt/results
ExecStopPost=/bin/systemctl --force --force poweroff
UNIT
    cat >"$units/scene.target" <<'UNIT'
[Unit]
Requires=basic.target
Wants=scene.service
After=basic.target
UNIT
}

if [ "${1-}" = --inside ]; then
    shift
    inside "$@"
else
    outside "$@"
fi
