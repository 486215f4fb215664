import { writeFileSync } from "node:fs";
import { readmeFile, readmeWithTables } from "./readme";

void readmeWithTables().then((text) => writeFileSync(readmeFile, text));
