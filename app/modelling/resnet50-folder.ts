import { writeManifest, writeModelFile } from "./model-folder";
import type { Model } from "./onnx";
import { encodeModel } from "./onnx-write";

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
