/**
 * Everything that a declaration can say, read from the sources of the library: each prop of each struct and each static
 * factory of each choice that can be reached from a construct's props. A list that is held against this one is complete
 * today and stays so. It reads names and never values.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const LIBRARY = join(import.meta.dirname, '../../../lib');

type Declaration = ts.InterfaceDeclaration | ts.ClassDeclaration;
type Sayable = ts.PropertySignature | ts.MethodDeclaration;

/** The texts of the library's sources. */
export function librarySources(): string[] {
  const files = readdirSync(LIBRARY, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  return sources.map((file) => readFileSync(join(LIBRARY, file), 'utf8'));
}

/** `Struct.prop` and `Choice.factory`, sorted, of what can be reached from the named structs. */
export function sayable(roots: readonly string[], sources: readonly string[] = librarySources()): string[] {
  const declarations = declarationsIn(sources);
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string) => {
    const declaration = declarations.get(name);
    if (declaration === undefined || seen.has(name)) return;
    seen.add(name);
    for (const base of declaration.heritageClauses ?? []) for (const type of namesIn(base)) visit(type);
    for (const member of membersOf(declaration)) {
      found.add(`${name}.${member.name.getText()}`);
      for (const type of typesOf(member)) visit(type);
    }
  };
  for (const root of roots) visit(root);
  return [...found].sort();
}

function declarationsIn(sources: readonly string[]): Map<string, Declaration> {
  const files = sources.map((text) => ts.createSourceFile('source.ts', text, ts.ScriptTarget.ES2022, true));
  const all = files.flatMap((file) => [...file.statements]).filter(isDeclaration);
  return new Map(all.filter((one) => !isInternal(one)).map((one) => [one.name?.getText() ?? '', one]));
}

function isDeclaration(statement: ts.Statement): statement is Declaration {
  return ts.isInterfaceDeclaration(statement) || ts.isClassDeclaration(statement);
}

function isInternal(node: ts.Node): boolean {
  return ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');
}

/** Of a struct its props; of a class the public statics that make one of it. */
function membersOf(declaration: Declaration): Sayable[] {
  const members: ts.Node[] = [...declaration.members];
  return members.filter((member): member is Sayable => {
    if (isInternal(member)) return false;
    if (ts.isPropertySignature(member)) return true;
    return (
      ts.isMethodDeclaration(member) && isFactory(member) && member.type?.getText() === declaration.name?.getText()
    );
  });
}

function isFactory(method: ts.MethodDeclaration): boolean {
  return method.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;
}

function typesOf(member: Sayable): string[] {
  if (ts.isPropertySignature(member)) return member.type ? namesIn(member.type) : [];
  return member.parameters.flatMap(({ type }) => (type ? namesIn(type) : []));
}

/** The names of all types that are mentioned. */
function namesIn(node: ts.Node): string[] {
  if (ts.isIdentifier(node)) return [node.text];
  return node.getChildren().flatMap(namesIn);
}
