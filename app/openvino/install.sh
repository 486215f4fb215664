#!/bin/sh
# Installs into lib/, beside this file, what the server uses of OpenVINO: the C library, the CPU plugin and the reader of ONNX
# files. Needs python3 with pip, of any version: the wheel is not installed, only unpacked.
set -eu
cd "$(dirname "$0")"
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "OpenVINO is only for Linux on x86_64 here; this machine is $(uname -sm)" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --require-hashes --no-deps --only-binary=:all: --requirement=requirements.txt --dest="$work" \
  --implementation=cp --python-version=3.11 --platform=manylinux_2_28_x86_64
python3 -m zipfile -e "$work"/openvino-*.whl "$work/wheel"
rm -rf lib
mkdir lib
for library in openvino openvino_c openvino_intel_cpu_plugin openvino_onnx_frontend tbb; do
  cp "$work"/wheel/openvino/libs/lib$library.so* lib/
done
cp -R "$work"/wheel/openvino-*.dist-info/licenses lib/licenses
