#!/usr/bin/env bash
# in-namespaces.sh start TOOL | end: kube-node in mount, process and control group namespaces of its own. Nodes do not meet, and when the
# first process of the namespace is killed, the kernel ends all others, and their mounts and network interfaces go with them.
set -euo pipefail
name="${NODE_BRIDGE:?}"

start() {
  mkdir -p /run/netns /var/lib/cni
  mount -t tmpfs node /run/netns
  mount -t tmpfs node /var/lib/cni
  # The kubelet would add chains to the machine's tables, for a kube-proxy that does not run here.
  mount --bind /bin/true "$(readlink -f "$(command -v iptables)")"
  for group in /sys/fs/cgroup/*/; do
    [ -e "$group/cgroup.procs" ] || continue
    mkdir -p "$group/$name"
    for limit in cpuset.cpus cpuset.mems; do
      [ ! -e "$group/$limit" ] || cat "$group/$limit" > "$group/$name/$limit"
    done
    # All pods and the node together would weigh as much as one other process of the machine. This is ten.
    [ ! -e "$group/cpu.shares" ] || echo 10240 > "$group/$name/cpu.shares"
    echo $$ > "$group/$name/cgroup.procs"
  done
  # Pods run below the machine's own groups: without this, the kubelet of another node would end them as unknown.
  exec unshare --cgroup bash -euc '
    for group in /sys/fs/cgroup/*/; do
      [ ! -d "$group/$NODE_BRIDGE" ] || mount --bind "$group/$NODE_BRIDGE" "$group"
    done
    "$0" start
    exec >&- 2>&-
    sleep infinity & wait' "$1"
}

# What the kernel keeps after the last process.
end() {
  for _ in {1..100}; do
    find /sys/fs/cgroup/*/"$name" -depth -type d -delete 2>/dev/null || true
    [ -n "$(compgen -G "/sys/fs/cgroup/*/$name")$(ls "/sys/class/net/$name/brif" 2>/dev/null)" ] || break
    sleep 0.05
  done
  ip link delete "$name" 2>/dev/null || true
  rm -rf "${KUBE_NODE_RUN:?}"
}

"$@"
