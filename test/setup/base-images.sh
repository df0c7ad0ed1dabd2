#!/bin/sh
# Makes the base images of the Dockerfile under the names by which it asks for them, so that no build depends on a
# registry. Python's is a minimal Debian with Debian's own Python; Node's holds the binary of the npm package; `cuda` as
# an argument makes that of NVIDIA too, a minimal Debian that has neither CUDA nor a Python. On a machine that cannot make
# them, the real ones are pulled. Images that are there already are left as they are.
set -eu

python_image=public.ecr.aws/docker/library/python:3.11-slim-bookworm
node_image=public.ecr.aws/docker/library/node:24-bookworm-slim
cuda_image=nvcr.io/nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04
node_version=24.21.0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Suites run side by side: the second one waits, and then finds the images.
if command -v flock >/dev/null; then
  exec 9>"${TMPDIR:-/tmp}/cdk-model-api-base-images.lock"
  flock 9
fi

present() {
  docker image inspect "$1" >/dev/null 2>&1
}

# An image of that name, of Debian with those packages.
make_debian() {
  root="$scratch/root"
  debootstrap --variant=minbase ${2:+"--include=$2"} bookworm "$root" >"$scratch/debootstrap.log" || {
    tail "$scratch/debootstrap.log" >&2
    return 1
  }
  [ ! -e "$root/usr/bin/python3" ] || ln -s /usr/bin/python3 "$root/usr/local/bin/python3"
  # Behind a proxy that inspects TLS, what this machine trusts in addition the builds must trust too.
  mkdir -p "$root/usr/local/share/ca-certificates"
  cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
  [ ! -e "$root/usr/sbin/update-ca-certificates" ] || TMPDIR=/tmp chroot "$root" update-ca-certificates >/dev/null 2>&1
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  tar -C "$root" -c . | docker import - "$1" >/dev/null
  rm -rf "$root"
}

make_node() {
  cd "$scratch"
  case $(uname -m) in
    x86_64) architecture=x64 ;;
    aarch64) architecture=arm64 ;;
    *) return 1 ;;
  esac
  npm pack --silent "node-linux-$architecture@$node_version" >/dev/null
  tar -xzf node-linux-*.tgz package/bin/node
  mkdir -p image/usr/local/bin
  mv package/bin/node image/usr/local/bin/node
  tar -C image -c . | docker import - "$node_image" >/dev/null
}

ensure_debian() {
  if present "$1"; then return; fi
  if [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null; then make_debian "$1" "$2"; else docker pull "$1"; fi
}

ensure_debian "$python_image" python3,python3-venv,python3-pip,ca-certificates
present "$node_image" || make_node || docker pull "$node_image"
if [ "${1:-}" = cuda ]; then ensure_debian "$cuda_image" ""; fi
