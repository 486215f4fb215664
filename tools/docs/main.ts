import { writeFileSync } from "node:fs";
import { generatedDocuments } from "./documents";

void generatedDocuments().then((documents) => {
  for (const { file, text } of documents) writeFileSync(file, text);
});
