import type { Check } from "../context";
import { type Finding, ok, warning } from "../finding";

export const size: Check = {
  name: "size",
  needsServer: false,
  run: async ({ image: { bytes }, spec }) => [sizeFinding(bytes / 2 ** 30, spec.ephemeralStorageGiB)],
};

/** Of a task on Fargate, for the image as it is pulled, the image unpacked, and files (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html). */
const usualStorage = { least: 21, gib: 20, most: 200 };
/** For files that the container writes. */
const spareGiB = 2;

export function sizeFinding(imageGiB: number, storageGiB: number = usualStorage.gib): Finding {
  const shown = imageGiB < 1 ? `${Math.round(imageGiB * 1024)} MiB` : `${imageGiB.toFixed(1)} GiB`;
  const most = Math.ceil(2 * imageGiB + spareGiB);
  if (most <= storageGiB) return ok(`The image has ${shown} unpacked; a task has ${storageGiB} GiB of disk.`);
  const text = `The image has ${shown} unpacked. A task stores it packed and unpacked and has ${storageGiB} GiB of disk.`;
  return warning(text, {
    "container.ephemeralStorageGiB": Math.min(usualStorage.most, Math.max(usualStorage.least, most)),
  });
}
