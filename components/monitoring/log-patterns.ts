import type { LogSignal } from "./alarm";

/** Where the usual libraries for JSON logs put the level, and the words that they use for the last one. Patterns are case-sensitive. */
const levelFields = ["level", "severity", "levelname"];
const fatalWords = ["fatal", "FATAL", "critical", "CRITICAL", "panic"];
/** pino and bunyan write numbers: 60 is fatal. */
const fatalNumber = 60;

/** A line of a container that can probably not go on. Each library has its own words; an error of one request is not among them. */
export const fatalLines: LogSignal["patterns"] = {
  ours: '{ $.level = "fatal" }',
  json: anyOf([
    ...levelFields.flatMap((field) => fatalWords.map((word) => `$.${field} = "${word}"`)),
    `$.level = ${fatalNumber}`,
  ]),
  // A question mark makes a term one of several
  // (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html).
  text: ["FATAL", "Fatal", "CRITICAL", "Traceback", "panic"].map((term) => `?${term}`).join(" "),
};

/** Each comparison in its own parentheses, as the documentation writes compound expressions. */
function anyOf(comparisons: readonly string[]): string {
  return `{ ${comparisons.map((comparison) => `(${comparison})`).join(" || ")} }`;
}
