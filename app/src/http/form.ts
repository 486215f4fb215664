import Busboy from "@fastify/busboy";
import { errors } from "../errors";

const limits = { files: 1, fields: 16, parts: 17, fieldSize: 4096 };

/** The file in the field `file` or `image` of a multipart body, if there is one. */
export function pictureOfForm(body: Buffer, contentType: string): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const malformed = (error: unknown) =>
      reject(errors.badInput(`the multipart body is malformed: ${(error as Error).message}`));
    const form = openForm(contentType, malformed);
    let picture: Buffer | undefined;
    form?.on("file", (field, file) => {
      const chunks: Buffer[] = [];
      file.on("data", (chunk: Buffer) => chunks.push(chunk));
      file.on("error", malformed);
      file.on("end", () => {
        if (field === "file" || field === "image") picture = joined(chunks);
      });
    });
    for (const limit of ["filesLimit", "fieldsLimit", "partsLimit"] as const) {
      form?.once(limit, () => reject(errors.tooManyParts()));
    }
    form?.on("error", malformed);
    form?.on("finish", () => resolve(picture));
    form?.end(body);
  });
}

/** The chunks are views of the body. Those that follow each other in it become one view, since a copy takes memory once more. */
function joined(chunks: Buffer[]): Buffer {
  const [first] = chunks;
  const follows = (chunk: Buffer, index: number) => {
    const before = chunks[index - 1];
    return !before || (chunk.buffer === before.buffer && chunk.byteOffset === before.byteOffset + before.length);
  };
  if (!first || !chunks.every(follows)) return Buffer.concat(chunks);
  return Buffer.from(
    first.buffer,
    first.byteOffset,
    chunks.reduce((total, chunk) => total + chunk.length, 0),
  );
}

function openForm(contentType: string, malformed: (error: unknown) => void) {
  try {
    return new Busboy({ headers: { "content-type": contentType }, limits });
  } catch (error) {
    malformed(error);
    return undefined;
  }
}
