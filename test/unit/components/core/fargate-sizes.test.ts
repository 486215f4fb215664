import assert from "node:assert/strict";
import { fargateCpuUnits, fargateMemoryMiB } from "../../../../components/core/fargate-sizes";
import { problemsOf, settingsOf } from "../../support/settings";

describe("fargateSizes", () => {
  it("has the sizes that AWS documents: first, last and number", () => {
    const ends = fargateCpuUnits.map((cpu) => {
      const sizes = fargateMemoryMiB[cpu] ?? [];
      return [cpu, sizes[0], sizes[sizes.length - 1], sizes.length];
    });
    assert.deepEqual(ends, [
      [256, 512, 2048, 3],
      [512, 1024, 4096, 4],
      [1024, 2048, 8192, 7],
      [2048, 4096, 16384, 13],
      [4096, 8192, 30720, 23],
      [8192, 16384, 61440, 12],
      [16384, 32768, 122880, 12],
    ]);
  });

  for (const cpu of fargateCpuUnits) {
    it(`takes every memory that Fargate offers with cpu ${cpu}`, () => {
      for (const memory of fargateMemoryMiB[cpu] ?? []) assert.equal(settingsOf({ cpu, memory }).memory, memory);
    });
  }

  for (const [cpu, memory, legal] of [
    [256, 4096, "512, 1024, 2048"],
    [256, 1536, "512, 1024, 2048"],
    [512, 512, "1024, 2048, 3072, 4096"],
    [1024, 1024, "2048, 3072, 4096, 5120, 6144, 7168, 8192"],
    [1024, 2049, "2048, 3072, 4096, 5120, 6144, 7168, 8192"],
    [8192, 17408, "16384, 20480, 24576, 28672, 32768, 36864, 40960, 45056, 49152, 53248, 57344, 61440"],
  ] as const) {
    it(`refuses ${memory} MiB with cpu ${cpu} and lists what goes with it`, () =>
      assert.deepEqual(problemsOf({ cpu, memory }), [
        { key: "memory", value: memory, expected: `a size that Fargate offers with cpu ${cpu}: ${legal}` },
      ]));
  }
});
