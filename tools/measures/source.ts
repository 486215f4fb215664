import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";

export interface Source {
  readonly path: string;
  readonly lines: number;
  readonly tree: ts.SourceFile;
}

export interface NamedFunction {
  readonly name: string;
  readonly path: string;
  readonly lines: number;
}

export function readSource(root: string, path: string): Source {
  const text = readFileSync(join(root, path), "utf8");
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  return { path, tree, lines: text.trimEnd().split("\n").length };
}

/** Functions, methods and arrow functions with a name of their own; callbacks have none. */
export function functionsIn({ path, tree }: Source): NamedFunction[] {
  const found: NamedFunction[] = [];
  visit(tree, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
    const name = nameOf(node);
    const lineAt = (position: number) => tree.getLineAndCharacterOfPosition(position).line;
    const lines = lineAt(node.getEnd()) - lineAt(node.getStart()) + 1;
    if (name !== undefined) found.push({ name, path, lines });
  });
  return found;
}

function nameOf(node: ts.SignatureDeclaration): string | undefined {
  if (ts.isConstructorDeclaration(node)) return `${node.parent.name?.text ?? ""} constructor`.trim();
  if (node.name && ts.isIdentifier(node.name)) return node.name.text;
  const { parent } = node;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name.text : undefined;
}

/** The files that a file loads when it is loaded; types are left out. */
export function importsOf(root: string, { path, tree }: Source): string[] {
  return tree.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const { moduleSpecifier } = statement;
    if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier) || !moduleSpecifier.text.startsWith(".")) return [];
    if (isOfTypes(statement)) return [];
    const target = normalize(join(dirname(path), moduleSpecifier.text));
    const file = [`${target}.ts`, join(target, "index.ts"), target].find((each) => existsSync(join(root, each)));
    return file === undefined ? [] : [file];
  });
}

function isOfTypes(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly || everyIsType(statement.exportClause);
  const { importClause } = statement;
  if (importClause === undefined) return false;
  return importClause.isTypeOnly || (!importClause.name && everyIsType(importClause.namedBindings));
}

function everyIsType(clause: ts.NamedImportBindings | ts.NamedExportBindings | undefined): boolean {
  if (!clause || !(ts.isNamedImports(clause) || ts.isNamedExports(clause))) return false;
  return [...clause.elements].every(({ isTypeOnly }) => isTypeOnly);
}

/** How many string literals of the file are one of the words. */
export function literalsIn({ tree }: Source, words: readonly string[]): number {
  let count = 0;
  visit(tree, (node) => {
    if (ts.isStringLiteralLike(node) && words.includes(node.text)) count++;
  });
  return count;
}

function visit(node: ts.Node, act: (node: ts.Node) => void): void {
  act(node);
  ts.forEachChild(node, (child) => visit(child, act));
}
