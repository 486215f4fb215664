import assert from "node:assert/strict";
import { cpuFlags } from "../../src/cpu-flags";
import { chooseBackend } from "../../src/inference/backends/choose-backend";
import { OpenvinoLibrary } from "../../src/inference/backends/openvino-library";
import { openvinoLibrary, skipWithoutLibrary } from "../support/openvino";

const library = "libopenvino_c.so.1";
const amx = new Set(["avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8"]);
const zen4 = new Set(["avx512_bf16", "avx512_vnni"]);
const avx2 = new Set(["avx2"]);

describe("chooseBackend", () => {
  for (const [what, wish, file, flags, chosen] of [
    ["onnxruntime in fp32, where OpenVINO gains nothing", {}, "fp32", amx, ["onnxruntime", "fp32"]],
    ["OpenVINO in int8 on a CPU with AMX", {}, "int8", amx, ["openvino", "int8"]],
    ["onnxruntime in int8 on a CPU without AMX", {}, "int8", zen4, ["onnxruntime", "int8"]],
    ["OpenVINO for bf16", { precision: "bf16" }, "fp32", zen4, ["openvino", "bf16"]],
    ["onnxruntime in fp32 for bf16 on a CPU without it", { precision: "bf16" }, "fp32", avx2, ["onnxruntime", "fp32"]],
    ["OpenVINO when told to", { runtime: "openvino" }, "fp32", avx2, ["openvino", "fp32"]],
    [
      "OpenVINO in fp32 when told to use bf16 on a CPU without it",
      { runtime: "openvino", precision: "bf16" },
      "fp32",
      avx2,
      ["openvino", "fp32"],
    ],
    ["onnxruntime when told to", { runtime: "onnxruntime" }, "int8", amx, ["onnxruntime", "int8"]],
  ] as const) {
    it(`takes ${what}`, () => {
      const { runtime, precision } = chooseBackend({ runtime: "auto", openvinoLibrary: library, ...wish }, file, flags);
      assert.deepEqual([runtime, precision], chosen);
    });
  }

  it("takes onnxruntime where OpenVINO is not installed", () => {
    assert.equal(chooseBackend({ runtime: "auto" }, "int8", amx).runtime, "onnxruntime");
  });

  it("says why bf16 cannot be had", () => {
    const wish = { runtime: "auto", precision: "bf16" } as const;
    assert.match(chooseBackend(wish, "fp32", amx).shortfall ?? "", /OpenVINO is not installed/);
    assert.match(
      chooseBackend({ ...wish, openvinoLibrary: library }, "fp32", avx2).shortfall ?? "",
      /this CPU has no bf16/,
    );
    assert.equal(chooseBackend({ ...wish, openvinoLibrary: library }, "fp32", zen4).shortfall, undefined);
  });

  it("lets onnxruntime run a model that OpenVINO cannot run, unless told to use OpenVINO", () => {
    const isRequired = (runtime: "auto" | "openvino") =>
      chooseBackend({ runtime, openvinoLibrary: library }, "int8", amx).openvino?.isRequired;
    assert.deepEqual([isRequired("auto"), isRequired("openvino")], [false, true]);
  });

  it("sees bf16 instructions where OpenVINO does", function () {
    skipWithoutLibrary(this, "openvino");
    const openvino = OpenvinoLibrary.open(openvinoLibrary ?? "");
    const core = openvino.get("core_create");
    const capabilities = openvino.get<string>("core_get_property", core, "CPU", "OPTIMIZATION_CAPABILITIES");
    openvino.call("core_free", core);
    const { precision } = chooseBackend(
      { runtime: "openvino", precision: "bf16", openvinoLibrary },
      "fp32",
      cpuFlags(),
    );
    assert.equal(precision === "bf16", capabilities.split(" ").includes("BF16"), capabilities);
  });
});
