import { writeFileSync } from "node:fs";
import { readmeFile, readmeWithConfig } from "./readme";

writeFileSync(readmeFile, readmeWithConfig());
