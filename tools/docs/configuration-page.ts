import { Document } from "yaml";
import { rules, subjects } from "../../components/settings/keys";
import type { Schema } from "../../components/settings/schema";
import { flow } from "./flow";
import { table } from "./table";

type Subject = (typeof subjects)[number];
type Entry = Subject["keys"][string];

/** docs/configuration.md: a heading for each key, under its subject. */
export function configurationPage(): string {
  return `${[opening, contents(), required, ...subjects.map(section)].join("\n\n")}\n`;
}

const opening = `<!-- Written by npm run docs from components/settings: change it there. -->
# Configuration

A stack's keys stand in \`Pulumi.<stack>.yaml\`. Set one with \`pulumi config set\`, or edit the file:

\`\`\`sh
pulumi config set target eks
pulumi config set --path replicas.min 3
\`\`\`

- A key without a namespace belongs to the project.
- An object merges with its defaults field by field: \`replicas.min\` alone keeps the default of \`replicas.max\`.
- The program checks all keys together before it creates anything. It prints each problem with the key, the value and what it expects.
- Encrypted values (\`pulumi config set --secret\`) are refused unless a key says otherwise: a task definition would show them. Keep such values in AWS and name their arn under [\`secrets\`](#secrets).
- Tags come from \`aws:defaultTags\`. \`pulumi:disable-default-providers\` may be set.
- \`pulumi\` opens the \`environment\` (Pulumi ESC) of a stack file. The \`npm run\` commands that read the file do not, and warn of it.`;

/** With ingressCidrs, all that a stack on AWS must set. */
const required = `## Required

A stack on AWS sets its region and who may call. All other keys have defaults.

${yaml({ "aws:region": "eu-west-1", ingressCidrs: ["203.0.113.0/24"] })}`;

function contents(): string {
  const lines = subjects.map(
    ({ title, keys }) =>
      `- ${title}: ${Object.keys(keys)
        .map((name) => `[\`${name}\`](#${name.toLowerCase()})`)
        .join(", ")}`,
  );
  return lines.join("\n");
}

const section = ({ title, keys }: Subject) =>
  [`## ${title}`, ...Object.entries(keys).map(([name, entry]) => keySection(name, entry))].join("\n\n");

function keySection(name: string, entry: Entry): string {
  const facts = rules.filter(({ key }) => key === name).map(({ fact }) => `- ${fact}`);
  return [
    `### ${name}`,
    linked(entry.mayBeEncrypted ? `${entry.text} The value may be encrypted.` : entry.text),
    shape(name, entry),
    ...(facts.length > 0 ? [facts.join("\n")] : []),
    yaml(entry.example),
  ].join("\n\n");
}

/** One value in a line, an object in a table of its fields. */
function shape(name: string, { schema, fallback }: Entry): string {
  const item = schema.parts?.["[]"];
  const expected = item ? `each ${item.expected}` : schema.expected;
  if (item || !schema.parts) return `Type ${schema.type}: ${expected}. Default ${code(flow(fallback))}.`;
  const rows = fields(name, schema, code(flow(fallback))).map(({ path, expected, fallback }) => [
    code(path),
    expected,
    fallback,
  ]);
  return table(["Field", "Expected", "Default"], rows);
}

interface Field {
  readonly path: string;
  readonly expected: string;
  readonly fallback: string;
}

function fields(path: string, { parts, expected, defaults = {} }: Schema<unknown>, fallback: string): Field[] {
  if (!parts) return [{ path, expected, fallback }];
  const { "[]": item, "<name>": named } = parts;
  if (item) return [{ path: `${path}[]`, expected: item.expected, fallback }];
  if (named) {
    const own = `${path}.<name>`;
    return [{ path: own, expected: `names: ${expected}`, fallback }, ...fields(own, named, "required")];
  }
  return Object.entries(parts).flatMap(([name, part]) =>
    fields(`${path}.${name}`, part, defaultOf(part, defaults[name])),
  );
}

function defaultOf({ optional }: Schema<unknown>, fallback: unknown): string {
  if (optional) return "none";
  return fallback === undefined ? "required" : code(flow(fallback));
}

const code = (text: string) => `\`${text}\``;

/** Documents that a text names, as links. */
const linked = (text: string) => text.replaceAll(/docs\/([a-z-]+\.md)/g, "[$1]($1)");

/** As a stack file has it. Version 1.1 quotes words that the CLI would read as a boolean. */
function yaml(example: Readonly<Record<string, unknown>>): string {
  const document = new Document({ config: example }, { version: "1.1" });
  document.directives = undefined;
  return `\`\`\`yaml\n${document.toString({ lineWidth: 0 }).trimEnd()}\n\`\`\``;
}
