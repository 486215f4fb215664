import { longCaseOf } from "../../support/long-case";

export const longCase = longCaseOf("npm run test:cluster --");
