#!/usr/bin/env bash
# Builds the image for real with buildah and runs it with podman, as root: the three programs in containers of their own,
# then the services of compose.yaml. `./dev deploy containers` installs what this needs.
#
#   docker/check.sh [--built] [FOLDER]    images and logs are kept in FOLDER (build/containers), so that the next build is
#                                         quick; --built checks the image that the last build left there
#
# The base is made here of Debian's own packages; nothing comes from a registry of images. Containers, networks and
# volumes are removed at the end. Exit code 1 and the reason when anything is not as it should be.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
built=0
[[ ${1:-} != --built ]] || { built=1; shift; }
folder=${1:-build/containers}
mkdir -p "$folder"
folder=$(readlink -f "$folder")
readonly IMAGE=localhost/minnow:check BASE=localhost/base:bookworm PROJECT=minnowcheck
readonly MOST_MEGABYTES=120
QUESTION=(/examples/digits.csv --target digit --good-enough "accuracy >= 0.95" --split-seed 4 --layers 0..1 --units 1,2,3,4,5,6,7,8)

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
    podman run --rm --no-healthcheck --network=none --read-only "$IMAGE" "$program" --version >&2 || fail "$program does not run"
  done
}

# Certificates and tokens, for the user of the image.
make_secrets() {
  rm -rf "$folder/secrets"
  mkdir -p "$folder/secrets"
  PYTHONPATH=tests/deploy python3 -c '
import pathlib, sys
from authority import Authority
authority = Authority(pathlib.Path(sys.argv[1]))
authority.certify("server", "DNS:server,DNS:localhost")
' "$folder/secrets"
  rm "$folder/secrets/ca.key"
  chown -R 65532:65532 "$folder/secrets"
}

compose() {
  MINNOW_WORKERS=2 MINNOW_IMAGE=$IMAGE MINNOW_SECRETS=$folder/secrets podman-compose -p "$PROJECT" -f docker/compose.yaml "$@" >>"$folder/compose.log" 2>&1
}

# client WORD...: `minnow` in a container beside the server.
client() {
  podman run --rm --no-healthcheck --network="${PROJECT}_default" --read-only --tmpfs /tmp -v "$PWD/data:/examples:ro" -v "$folder/secrets:/secrets:ro" \
    -e MINNOW_SERVER=server:7077 -e MINNOW_TLS_CA=/secrets/ca.pem -e MINNOW_TOKEN_FILE=/secrets/alice.token "$IMAGE" minnow "$@"
}

# wait_until WHAT COMMAND...
wait_until() {
  local what=$1 try
  shift
  for ((try = 0; try < 60; ++try)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 1
  done
  tail -20 "$folder/compose.log" >&2
  fail "not within a minute: $what"
}

workers_are() { [[ $(client workers --json | python3 -c 'import json, sys; print(sum(w["connected"] for w in json.load(sys.stdin)))') == "$1" ]]; }

same_answer() {
  PYTHONPATH=tests/deploy python3 -c '
import sys
from evidence import answer_of
one, other = (answer_of(open(name).read()) for name in sys.argv[1:])
sys.exit(one != other)
' "$1" "$2" || fail "the answers differ: $1, $2"
}

check_services() {
  say "starting a server and two workers"
  make_secrets
  : >"$folder/compose.log"
  compose up -d || { tail -20 "$folder/compose.log" >&2; fail "the services do not start"; }
  wait_until "two workers are connected" workers_are 2
  podman healthcheck run "${PROJECT}_server_1" >&2 || fail "the server is not healthy"
  say "asking a question, and the same of minnow run"
  client submit "${QUESTION[@]}" --follow --json >"$folder/farm.json" 2>"$folder/client.log" || { tail -5 "$folder/client.log" >&2; fail "no answer"; }
  podman run --rm --no-healthcheck --network=none --read-only --tmpfs /tmp -v "$PWD/data:/examples:ro" "$IMAGE" \
    minnow run "${QUESTION[@]}" --json --db /tmp/alone.db >"$folder/alone.json" 2>"$folder/client.log" || fail "minnow run gave no answer"
  same_answer "$folder/farm.json" "$folder/alone.json"
  say "starting the server again on its volume"
  podman restart --time 30 "${PROJECT}_server_1" >/dev/null
  SECONDS=0
  wait_until "the workers are back" workers_are 2
  say "the workers are back after $SECONDS s"
  client answer jobs/1 --json >"$folder/again.json" 2>"$folder/client.log" || fail "the answer is gone with the restart"
  same_answer "$folder/again.json" "$folder/alone.json"
  compose stop || fail "the services do not stop"
  local code
  code=$(podman inspect --format '{{.State.ExitCode}}' "${PROJECT}_server_1" "${PROJECT}_worker_1" "${PROJECT}_worker_2" | sort -u)
  [[ $code == 0 ]] || fail "exit codes after a clean stop: $code"
}

clean_up() {
  compose down -v || true
  podman volume rm --force "${PROJECT}_data" >/dev/null 2>&1 || true
  podman network rm --force "${PROJECT}_default" >/dev/null 2>&1 || true
}

configure
trap clean_up EXIT
if ((!built)); then
  make_base
  build_image
fi
check_image
check_services
echo "the image is built, and a server and two workers of it answered as \`minnow run\` does"
