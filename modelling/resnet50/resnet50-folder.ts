import { describeCpu } from "../cpu";
import { writeManifest, writeModelFile } from "../model-folder";
import { encodeModel } from "../onnx/file";
import type { Model } from "../onnx/model";
import { bundledPhotos } from "../photos";
import type { WeightBits } from "../quantise/quantise";
import { quantiseFolder, weightBitsFor } from "../quantise/quantise-folder";
import { buildResnet50, defaultSeed } from "./resnet50";

/** The model that is timed, as fp32 and as int8 for this machine's CPU. */
export async function makeResnet50(folder: string): Promise<{ model: Model; weightBits: WeightBits }> {
  const model = buildResnet50(defaultSeed);
  const weightBits = weightBitsFor(describeCpu());
  await writeResnet50(folder, model);
  await quantiseFolder(folder, bundledPhotos, weightBits);
  return { model, weightBits };
}

/** A folder that the server takes: the generated model, torchvision's preprocessing, and labels that claim nothing. */
export async function writeResnet50(folder: string, model: Model): Promise<void> {
  const labels = Array.from({ length: 1000 }, (_, id) => `class_${id}\n`).join("");
  await writeManifest(folder, {
    name: "resnet50",
    version: "1.0.0",
    input: "image",
    files: { fp32: await writeModelFile(folder, "resnet50-fp32.onnx", encodeModel(model)) },
    labels: await writeModelFile(folder, "labels.txt", Buffer.from(labels)),
    activation: "softmax",
    image: {
      rule: "resize-then-crop",
      shorterSide: 256,
      size: 224,
      kernel: "linear",
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    },
  });
}
