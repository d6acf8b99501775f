/** A text with named parameters: `parts[0] names[0] parts[1] names[1] ...`. */
export interface ParameterizedSql {
  readonly parts: readonly string[];
  readonly names: readonly string[];
}

/** Literals, quoted names, comments and dollar quotes are matched first, so that an `@` inside them stays text. */
const token =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|(\$[A-Za-z_]*\$)[\s\S]*?\1|(?<![@\w<>=!~])@([a-z_][a-z0-9_]*)/g;

/**
 * Finds the `@name` parameters of an SQL text.
 *
 * @example parseNamedParameters("select @a, '@b'") // { parts: ["select ", ", '@b'"], names: ["a"] }
 */
export function parseNamedParameters(sql: string): ParameterizedSql {
  const parts: string[] = [];
  const names: string[] = [];
  let from = 0;
  for (const match of sql.matchAll(token)) {
    const name = match[2];
    if (name === undefined) continue;
    parts.push(sql.slice(from, match.index));
    names.push(name);
    from = match.index + match[0].length;
  }
  parts.push(sql.slice(from));
  return { parts, names };
}
