import { writeFileSync } from "node:fs";
import { currentReadme, readmeFile } from "./readme";

void currentReadme().then((text) => writeFileSync(readmeFile, text));
