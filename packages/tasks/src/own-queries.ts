import { readFile } from "node:fs/promises";

/** The `-- name:` sections of one of this package's own SQL files, by name. */
export async function ownQueries<Name extends string>(
  file: string,
): Promise<Readonly<Record<Name, string>>> {
  // `src` and `dist` are at the same depth, so that one path serves both.
  const text = await readFile(new URL(`../sql/${file}`, import.meta.url), "utf8");
  const sections = text.split(/^-- name: (\w+)\n/m).slice(1);
  const queries: Record<string, string> = {};
  for (let i = 0; i + 1 < sections.length; i += 2)
    queries[sections[i] ?? ""] = sections[i + 1] ?? "";
  return queries as Record<Name, string>;
}
