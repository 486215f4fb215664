import { stringify } from "yaml";

/** A value on one line. The CLI reads YAML as version 1.1 does, where a bare off is false: such words are quoted. */
export const flow = (value: unknown) =>
  stringify(value, { version: "1.1", collectionStyle: "flow", lineWidth: 0 }).trimEnd();
