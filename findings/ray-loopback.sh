#!/usr/bin/env bash
# What: Ray that is told to use the loopback address listens on every address of the machine.
# Versions: ray 2.60.0, Python 3.11, Linux. Date: 2026-11-28.
#
# `ray.init("local", _node_ip_address="127.0.0.1")` starts a Ray of this computer alone.
# Expected: its processes listen on 127.0.0.1, and nobody else in the network reaches them.
# Seen: the address is replaced by the one that leads out (`resolve_ip_for_localhost`), and because it is no loopback
# address, all servers (GCS, raylet, the workers, the process that calls `ray.init`) listen on 0.0.0.0 or [::]. Nothing
# says so. 127.0.0.2 is kept, but is listened on everywhere too. With RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0 in the
# environment before ray is imported, 127.0.0.1 is kept, and is all that is listened on. On Windows and macOS that is the
# default.
#
# Why it matters here: who reaches these ports may run code beside the films of patients; a build that starts Ray must
# not open them to a clinic's network. The product sets the variable (core/building/ray_crew.py); a token keeps others on
# the same computer out.
#
# Ends with 0 while the behaviour is as described, with 1 when it has changed.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check ray==2.60.0

cat >"$scratch/started.py" <<'PYTHON'
import os
import sys
from pathlib import Path

import ray


def listening() -> set[str]:
    """Give the local addresses, in hex, of the sockets on which processes below this one, and it, listen."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    ours = {os.getpid()}
    while more := {process for process, parent in parents.items() if parent in ours} - ours:
        ours |= more
    sockets = set()
    for process in ours:
        for descriptor in Path(f"/proc/{process}/fd").glob("*"):
            try:
                sockets.add(os.readlink(descriptor))
            except OSError:
                continue
    lines = [line.split() for kind in ("tcp", "tcp6") for line in open(f"/proc/net/{kind}").readlines()[1:]]
    return {line[1].split(":")[0] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in sockets}


options = {"include_dashboard": False, "log_to_driver": False, "logging_level": "ERROR"}
ray.init("local", num_cpus=1, object_store_memory=2**27, _node_ip_address=sys.argv[1], _temp_dir=sys.argv[2], **options)
ray.get(ray.remote(lambda: 1).remote())
everywhere = any(set(address) == {"0"} for address in listening())
print(ray.nodes()[0]["NodeManagerAddress"], "everywhere" if everywhere else "on that alone")
ray.shutdown()
PYTHON

as_described=0
look() { # what is expected to be seen, the address, and variables
    local expected=$1 address=$2 seen
    shift 2
    seen=$(env RAY_AUTH_TOKEN=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef RAY_USAGE_STATS_ENABLED=0 \
        "$@" "$scratch/venv/bin/python" "$scratch/started.py" "$address" "$scratch/r" 2>/dev/null | tail -1)
    echo "asked for $address ${*:-}: listens as $seen"
    [[ "$seen" == $expected ]] || as_described=1
}
echo "expected: 127.0.0.1 on that alone"
look "* everywhere" 127.0.0.1
look "127.0.0.2 everywhere" 127.0.0.2
look "127.0.0.1 on that alone" 127.0.0.1 RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0
if [[ $as_described == 0 ]]; then echo "as described"; else echo "CHANGED: Ray listens otherwise on the loopback address"; fi
exit "$as_described"
