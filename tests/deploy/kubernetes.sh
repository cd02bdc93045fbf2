#!/usr/bin/env bash
# Checks docker/kubernetes against the types of the Kubernetes API. Exit code 77 without the tools for it.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
skip() { echo "SKIPPED: manifests: $*; \`./dev deploy kubernetes\` installs it"; exit 77; }
command -v kubectl >/dev/null || skip "kubectl is not installed"
command -v node >/dev/null || skip "node is not installed"
for module in js-yaml kubernetes-models typescript; do
  [[ -d build/npm/node_modules/$module ]] || skip "$module is not installed"
done
manifests=$(kubectl kustomize docker/kubernetes)
node tests/deploy/kubernetes.mjs build/npm/node_modules <<<"$manifests"
