#!/bin/bash
# start-rgw.sh FOLDER PORT MON_PORT MON_PORT2 OWNER: Ceph's RADOS Gateway on loopback, with one monitor and one OSD that keeps
# everything in memory. Returns when it answers; its processes are then in FOLDER/run/*.pid. They end when the process
# OWNER does, however it ends. Packages: radosgw ceph-mon ceph-osd ceph-common.
set -euo pipefail
folder=$1 port=$2 mon1=$3 mon2=$4 owner=$5
# The tools of Ceph are Debian's, and want Debian's Python.
export PATH=/usr/bin:/usr/sbin:/bin:/sbin CEPH_CONF=$folder/ceph.conf
unset PYTHONPATH PYTHONHOME PYENV_VERSION || true
mkdir -p "$folder"/{mon,osd,rgw,run,log}
cluster=$(cat /proc/sys/kernel/random/uuid)
osd=$(cat /proc/sys/kernel/random/uuid)
cat >"$CEPH_CONF" <<CONF
[global]
fsid = $cluster
mon host = [v2:127.0.0.1:$mon2,v1:127.0.0.1:$mon1]
auth cluster required = none
auth service required = none
auth client required = none
public addr = 127.0.0.1
cluster addr = 127.0.0.1
run dir = $folder/run
admin socket = $folder/run/\$name.\$pid.asok
log file = $folder/log/\$name.log
pid file = $folder/run/\$name.pid
osd class load list = *
osd class default list = *
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
mon osd min up ratio = 0
mon max pg per osd = 2000
mon data avail warn = 0
mon data avail crit = 0
[mon.a]
mon data = $folder/mon
[osd.0]
osd data = $folder/osd
osd objectstore = memstore
memstore device bytes = 17179869184
ms mon client mode = crc
ms client mode = crc
log to stderr = false
mon cluster log file = /dev/null
[client.rgw]
# Without it the gateway asks for encryption that a cluster without keys does not have, and hangs.
ms mon client mode = crc
rgw data = $folder/rgw
rgw frontends = beast endpoint=127.0.0.1:$port
rgw enable usage log = false
rgw thread pool size = 64
rgw dns name = localhost
rgw crypt require ssl = false
rgw override bucket index max shards = 1
log file = $folder/log/rgw.log
CONF
monmaptool --create --fsid "$cluster" --addv a "[v2:127.0.0.1:$mon2,v1:127.0.0.1:$mon1]" "$folder/monmap" >/dev/null
ceph-mon --mkfs -i a --monmap "$folder/monmap" >"$folder/log/mon-mkfs.out" 2>&1
(
  # What they keep is in memory, and of no use to anybody; asked to end, the gateway waits for the monitor.
  trap '' HUP
  while kill -0 "$owner" && [ -d "$folder" ]; do sleep 2; done
  for pid in "$folder"/run/*.pid; do kill -9 "$(cat "$pid")"; done
) >/dev/null 2>&1 </dev/null &
ceph-mon -i a --setuser root --setgroup root >"$folder/log/mon.out" 2>&1
ceph osd new "$osd" >"$folder/log/osd-new.out" 2>&1
ceph-osd -i 0 --mkfs --osd-uuid "$osd" >"$folder/log/osd-mkfs.out" 2>&1
ceph-osd -i 0 >"$folder/log/osd.out" 2>&1
radosgw -n client.rgw >"$folder/log/rgw.out" 2>&1
for _ in $(seq 300); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then answers=1 && break; fi
  sleep 0.2
done
[ "${answers:-}" = 1 ]
radosgw-admin -n client.rgw user create --uid stowage --display-name stowage --access-key STOWAGEKEY --secret-key stowage-secret >"$folder/log/user.out" 2>&1
