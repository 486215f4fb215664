import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Docker } from "../../../../tools/start/docker";
import { temporaryFolder } from "../../../support/folder";

const tag = "inference-tests/task-network:1";

/** Endless waits in machine code, by the machine's name in Node. Linux restarts neither call with a result. */
const waits: Readonly<Record<string, { readonly machine: number; readonly code: readonly number[] }>> = {
  // mov eax, 34 (pause); syscall; jmp to the start
  x64: { machine: 62, code: [0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7] },
  // mov x8, 73 (ppoll); x0 to x3 = 0; svc 0; b to the start
  arm64: {
    machine: 183,
    code: [0xd2800928, 0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd4000001, 0x17fffffa].flatMap((word) => [
      ...Buffer.from(Uint32Array.of(word).buffer),
    ]),
  },
};

/**
 * The image of a container that does nothing: it holds the network interface of a task, which containers of the task join and leave.
 * Made here, because no image can be pulled on every machine. It stays in the engine (it has 200 bytes) and is shared by all runs.
 */
export async function networkImage(docker: Docker): Promise<string> {
  if (await docker.hasImage(tag)) return tag;
  const folder = temporaryFolder("task-network");
  await writeFile(join(folder, "wait"), program());
  await chmod(join(folder, "wait"), 0o755);
  await writeFile(join(folder, "Dockerfile"), 'FROM scratch\nCOPY wait /wait\nENTRYPOINT ["/wait"]\n');
  await docker.build(folder, tag);
  return tag;
}

/** A static executable: an ELF header, one loadable segment with the whole file, and the code. */
function program(): Buffer {
  const wait = waits[process.arch];
  if (!wait)
    throw new Error(
      `no image for the network of a task on ${process.arch}; expected ${Object.keys(waits).join(" or ")}`,
    );
  const [base, headers] = [0x400000, 64 + 56];
  const file = Buffer.alloc(headers + wait.code.length);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(wait.machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(base + headers), 24);
  file.writeBigUInt64LE(64n, 32);
  for (const [at, value] of [
    [52, 64],
    [54, 56],
    [56, 1],
  ] as const)
    file.writeUInt16LE(value, at);
  file.writeUInt32LE(1, 64);
  file.writeUInt32LE(5, 68);
  for (const at of [80, 88]) file.writeBigUInt64LE(BigInt(base), at);
  for (const at of [96, 104]) file.writeBigUInt64LE(BigInt(file.length), at);
  file.writeBigUInt64LE(0x1000n, 112);
  file.set(wait.code, headers);
  return file;
}
