import { readFileSync } from "node:fs";
import { parseNamedParameters } from "../kernel/named-parameters.ts";

/** A named query of a `.sql` file, with its `@parameters` numbered. */
export interface Query {
  readonly name: string;
  readonly text: string;
  /** Parameter names; the first stands for `$1`. */
  readonly parameters: readonly string[];
}

const heading = /^-- name: (\w+) :(?:one|many|exec)$/gm;
const queriesFolder = new URL("../../sql/queries/", import.meta.url);

/**
 * Reads the queries of `sql/queries/<table>.sql`, by name.
 *
 * @example const { PoolSet } = loadQueries("pool")
 */
export function loadQueries<Name extends string>(
  table: string,
  ...names: readonly Name[]
): Readonly<Record<Name, Query>> {
  const text = readFileSync(new URL(`${table}.sql`, queriesFolder), "utf8");
  const found = new Map(sectionsOf(text).map((query) => [query.name, query]));
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) throw new Error(`${table}.sql has no query ${missing.join(", ")}`);
  return Object.fromEntries(found) as Record<Name, Query>;
}

/** Every query of a file; what the test of all queries walks over. */
export function sectionsOf(text: string): readonly Query[] {
  const headings = [...text.matchAll(heading)];
  return headings.map((match, index) => {
    const from = match.index + match[0].length;
    const body = text.slice(from, headings[index + 1]?.index);
    return numbered(match[1] ?? "", body.trim());
  });
}

function numbered(name: string, sql: string): Query {
  const { parts, names } = parseNamedParameters(sql);
  const parameters = [...new Set(names)];
  const text = parts.reduce(
    (done, part, index) => `${done}$${parameters.indexOf(names[index - 1] ?? "") + 1}${part}`,
  );
  return { name, text, parameters };
}
