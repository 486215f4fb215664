import { rootName } from "../../components/core/short-name";

export interface Names {
  /** Of the project: `shop`. */
  readonly name: string;
  /** The owner of the repository on GitHub: `acme`. */
  readonly owner: string;
}

/** The text of a file after the change, or why it cannot be changed without loss. */
type Edited = { readonly text: string } | { readonly problem: string };

export interface Edit {
  /** Relative to the project. */
  readonly file: string;
  /** What it sets, for the report. */
  readonly sets: string;
  /** `text` is undefined for a file that does not exist. */
  edit(text: string | undefined): Edited;
}

/** Replaces every match, and requires at least one: a file of another shape is left to a person. */
function replacing(pattern: RegExp, replacement: string, expected: string): Edit["edit"] {
  return (text) => {
    if (text === undefined) return { problem: "it does not exist" };
    const edited = text.replace(pattern, replacement);
    const isThere = new RegExp(pattern.source, pattern.flags.replace("g", "")).test(text);
    return isThere ? { text: edited } : { problem: `it has no ${expected}` };
  };
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The lockfile repeats the name of its package. */
const packageNames = (folder: string, from: string, to: string): Edit[] =>
  ["package.json", "package-lock.json"].map((file) => ({
    file: `${folder}${file}`,
    sets: `name: ${to}`,
    edit: replacing(
      new RegExp(`^( {2}| {6})"name": "${escaped(from)}"`, "gm"),
      `$1"name": "${to}"`,
      `"name": "${from}"`,
    ),
  }));

/** Keys that the CLI wrote have the project's name in front, and the tags of dev and prod name the project. */
const stackFile = (file: string, from: string, to: string): Edit => ({
  file,
  sets: `keys and tags of ${to}`,
  edit: (text = "") => {
    if (/^\s+-?\s*secure:/m.test(text) || /^encryptedkey:/m.test(text))
      return {
        problem: "it has encrypted values, which belong to the stack of the old project. Set them again in a new stack",
      };
    const keys = new RegExp(`^( +)${escaped(from)}:(?=[A-Za-z])`, "gm");
    const tags = new RegExp(`^( +project: )${escaped(from)}$`, "gm");
    return { text: text.replace(keys, `$1${to}:`).replace(tags, `$1${to}`) };
  },
});

const home = ({ owner, name }: Names) => `https://github.com/${owner}/${name}`;
const git = (names: Names) => `git+${home(names)}.git`;

/** The owner that an earlier run put into package.json. */
export function earlierOwner(manifest: string, project: string): string | undefined {
  const { homepage = "" } = JSON.parse(manifest) as { homepage?: string };
  const [, owner] = /^https:\/\/github\.com\/([A-Za-z0-9-]+)\/([a-z0-9-]+)$/.exec(homepage) ?? [];
  return owner !== undefined && homepage === home({ owner, name: project }) ? owner : undefined;
}

/** After "license", where npm puts them. A fork that has links of its own keeps them. */
const links = (names: Names, earlier: Names | undefined): Edit => ({
  file: "package.json",
  sets: `homepage and repository: ${home(names)}`,
  edit: (text = "") => {
    const { homepage, repository } = JSON.parse(text) as { homepage?: string; repository?: string | { url?: string } };
    const known = [names, ...(earlier ? [earlier] : [])].flatMap((one) => [home(one), git(one)]);
    const present = [homepage, typeof repository === "object" ? repository.url : repository];
    const others = present.filter((link) => link && !known.includes(link));
    if (others.length > 0) return { problem: `it has links already: ${others.join(", ")}. Change them by hand` };
    if (homepage && earlier)
      return {
        text: text
          .replaceAll(`"${home(earlier)}"`, `"${home(names)}"`)
          .replaceAll(`"${git(earlier)}"`, `"${git(names)}"`),
      };
    if (homepage) return { text };
    const added = `  "homepage": "${home(names)}",\n  "repository": { "type": "git", "url": "${git(names)}" },\n`;
    return replacing(/^ {2}"license": .*\n/m, `$&${added}`, '"license" line')(text);
  },
});

const codeOwners = ({ owner }: Names, earlier: Names | undefined): Edit => ({
  file: ".github/CODEOWNERS",
  sets: `@${owner} for every file`,
  edit: (text) => {
    const wanted = `* @${owner}\n`;
    if (text === undefined || text === wanted || (earlier && text === `* @${earlier.owner}\n`)) return { text: wanted };
    return { problem: `it exists. Put this line into it by hand: ${wanted.trim()}` };
  },
});

const roles = (file: string, from: string, to: string): Edit => ({
  file,
  sets: `role ci-${rootName(to)}-${file.includes("preview") ? "preview" : "deploy"}`,
  edit: replacing(
    new RegExp(`(:role/)ci-${rootName(from)}-(?=preview|deploy)`, "g"),
    `$1ci-${rootName(to)}-`,
    `role ci-${rootName(from)}-`,
  ),
});

/** Everything that names the project, in the order of the report. `owner` is the one that an earlier run set. */
export function editsFor(names: Names, from: string, stackFiles: readonly string[], owner?: string): Edit[] {
  const to = names.name;
  const earlier = owner === undefined ? undefined : { name: from, owner };
  const project = (file: string, suffix: string): Edit => ({
    file,
    sets: `name: ${to}${suffix}`,
    edit: replacing(
      new RegExp(`^name: ${escaped(from)}${suffix}$`, "m"),
      `name: ${to}${suffix}`,
      `line name: ${from}${suffix}`,
    ),
  });
  const own = new RegExp(`(:role/|:repository/|:s3:::)${rootName(from)}-\\*`, "g");
  return [
    project("Pulumi.yaml", ""),
    project("ci/Pulumi.yaml", "-ci"),
    ...stackFiles.map((file) =>
      stackFile(file, file.startsWith("ci/") ? `${from}-ci` : from, file.startsWith("ci/") ? `${to}-ci` : to),
    ),
    ...packageNames("", from, to),
    ...packageNames("app/", `${from}-server`, `${to}-server`),
    ...packageNames("modelling/", `${from}-modelling`, `${to}-modelling`),
    ...packageNames("policy/", `${from}-policy`, `${to}-policy`),
    links(names, earlier),
    codeOwners(names, earlier),
    roles(".github/workflows/preview.yml", from, to),
    roles(".github/workflows/deploy.yml", from, to),
    {
      file: "ci/permissions.json",
      sets: `resources named ${rootName(to)}-*`,
      edit: replacing(own, `$1${rootName(to)}-*`, `resource named ${rootName(from)}-*`),
    },
  ];
}
