import { libraryFile, usualFolder } from "../../src/inference/backends/openvino-library";

export const openvinoFolder = process.env.OPENVINO_FOLDER ?? usualFolder;

/** OpenVINO's C library, when this machine has it: openvino/install.sh installs it. */
export const openvinoLibrary = libraryFile(openvinoFolder);

/** What makes a server run its model with each backend. */
export const backends = [
  { backend: "onnxruntime", variables: { MODEL_RUNTIME: "onnxruntime" } },
  { backend: "openvino", variables: { MODEL_RUNTIME: "openvino", OPENVINO_FOLDER: openvinoFolder } },
] as const;

if (openvinoLibrary === undefined) {
  console.log(`    skipping OpenVINO: ${openvinoFolder} has no libraries; openvino/install.sh installs them`);
}

/** For a hook or a test; call it with the test's `this`. */
export function skipWithoutLibrary(test: Mocha.Context, backend: string): void {
  if (backend === "openvino" && openvinoLibrary === undefined) test.skip();
}
