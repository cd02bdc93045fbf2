#!/usr/bin/env bash
# collect.sh ROOT OWNED: adds to ROOT what its programs in usr/bin need to run there: libraries, loader, a user, folders; and
# to OWNED the folders of that user.
set -euo pipefail
root=$1 owned=$2

libraries() { ldd "$root"/usr/bin/* | sed -nE 's/^.*=> (\/[^ ]+) .*$|^\s+(\/[^ ]+) .*$/\1\2/p' | sort -u; }

if ldd "$root"/usr/bin/* | grep 'not found' >&2; then exit 1; fi
while read -r library; do
  # Where the programs look for it, whatever links stand on the way.
  install -D --mode=0755 "$(readlink -f "$library")" "$root$(readlink -f "$(dirname "$library")")/$(basename "$library")"
done < <(libraries)
[[ -e $root/lib64 ]] || ln -s usr/lib64 "$root/lib64"
[[ -e $root/lib ]] || ln -s usr/lib "$root/lib"

mkdir -p "$root/etc" "$root/tmp" "$owned/data"
echo 'minnow:x:65532:65532:Minnow:/data:/sbin/nologin' >"$root/etc/passwd"
echo 'minnow:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
chmod 1777 "$root/tmp"
