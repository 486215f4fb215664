import type { Shipped } from "./shipped";

/** Licences that may be shipped as they are. */
const permissive = new Set([
  ...["0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "CC0", "CC0-1.0", "ISC", "MIT"],
  ...["public domain", "Python-2.0"],
]);

/** Licences that may be shipped for a reason. */
export const allowedFor: Readonly<Record<string, string>> = {
  "CC-BY-3.0": "a list of names; the package has its attribution",
  "LGPL-3.0-or-later": "libvips, an unchanged shared library that can be replaced",
};

/** Packages whose field `license` names no licence, by what their file says. */
const read: Readonly<Record<string, string>> = { "@logdna/tail-file": "MIT" };

/** The licence that counts: what the package's file says, where its field says nothing. */
export const licenceOf = ({ name, licence }: Shipped) => read[name] ?? licence;

/** An SPDX expression without nesting: "(MIT OR GPL-3.0)", "Apache-2.0 AND LGPL-3.0-or-later". */
export function isAllowed(expression: string): boolean {
  const choices = expression.replace(/^\(|\)$/g, "").split(" OR ");
  return choices.some((choice) =>
    choice.split(" AND ").every((name) => permissive.has(name) || Object.hasOwn(allowedFor, name)),
  );
}

export const refusedLicences = (shipped: readonly Shipped[]): Shipped[] =>
  shipped.filter((one) => !isAllowed(licenceOf(one)));

/** What has each licence, the most frequent first. */
export function byLicence(shipped: readonly Shipped[]): [licence: string, shipped: readonly Shipped[]][] {
  const found = [...new Set(shipped.map(licenceOf))].map((licence): [string, readonly Shipped[]] => [
    licence,
    shipped.filter((one) => licenceOf(one) === licence),
  ]);
  return found.sort(([one, { length: few }], [other, { length: many }]) => many - few || (one < other ? -1 : 1));
}
