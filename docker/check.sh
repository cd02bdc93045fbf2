#!/usr/bin/env bash
# Builds the image for real with buildah and runs it with podman, as root: the three programs in containers of their own,
# then the services of compose.yaml. `./dev deploy containers` installs what this needs.
#
#   docker/check.sh [FOLDER]    images and logs are kept in FOLDER (build/containers), so that the next build is quick
#
# The base is made here of Debian's own packages; nothing comes from a registry of images. Containers, networks and
# volumes are removed at the end. Exit code 1 and the reason when anything is not as it should be.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
folder=${1:-build/containers}
mkdir -p "$folder"
folder=$(readlink -f "$folder")
readonly IMAGE=localhost/minnow:check BASE=localhost/base:bookworm PROJECT=minnowcheck
readonly MOST_MEGABYTES=120
QUESTION=(/examples/digits.csv --target digit --good-enough "accuracy >= 0.95" --layers 0..1 --units 1,2,3,4,5,6,7,8)

say() { echo "containers: $*" >&2; }
fail() { say "FAILED: $*"; exit 1; }

# Storage and settings of this script alone. Limits no higher than this process has, since raising them takes more than root
# in a container; runc, since crun refuses hosts with both versions of control groups.
configure() {
  local files
  files=$(ulimit -Hn)
  cat >"$folder/containers.conf" <<TEXT
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
[containers]
default_ulimits = ["nofile=$files:$files", "nproc=1000:1000"]
TEXT
  cat >"$folder/storage.conf" <<TEXT
[storage]
driver = "overlay"
runroot = "$folder/run"
graphroot = "$folder/storage"
TEXT
  export CONTAINERS_CONF=$folder/containers.conf CONTAINERS_STORAGE_CONF=$folder/storage.conf
}

make_base() {
  if podman image exists "$BASE"; then return; fi
  say "making a base of Debian's packages"
  mmdebstrap --quiet --variant=minbase bookworm "$folder/base.tar"
  podman import --quiet "$folder/base.tar" "$BASE" >&2
  rm "$folder/base.tar"
}

build_image() {
  say "building the image; the first time takes many minutes"
  # Layers of the packages are kept; those of the sources are made again.
  buildah bud --quiet --layers --format docker --isolation chroot --ulimit "nofile=$(ulimit -Hn):$(ulimit -Hn)" \
    --build-arg "BASE=$BASE" -f docker/Dockerfile -t "$IMAGE" . >"$folder/build.log" 2>&1 ||
    { tail -20 "$folder/build.log" >&2; fail "the image was not built"; }
}

check_image() {
  local bytes user health
  bytes=$(podman image inspect --format '{{.Size}}' "$IMAGE")
  user=$(podman image inspect --format '{{.Config.User}}' "$IMAGE")
  health=$(podman image inspect --format '{{.HealthCheck.Test}}' "$IMAGE")
  say "the image has $((bytes / 1000000)) MB, user $user, health check $health"
  ((bytes < MOST_MEGABYTES * 1000000)) || fail "the image is larger than $MOST_MEGABYTES MB"
  [[ $user == 65532:65532 ]] || fail "the image runs as $user"
  [[ $health == *minnow-health* ]] || fail "the image has no health check"
  local program
  for program in minnow minnow-server minnow-worker; do
    podman run --rm --network=none --read-only "$IMAGE" "$program" --version >&2 || fail "$program does not run"
  done
}

