/** Literals, quoted names, comments and heredocs are taken whole, so that a `;` inside them stays text. */
const token =
  /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`|--[^\n]*|\/\*[\s\S]*?\*\/|(\$\w*\$)[\s\S]*?\1|(;)/g;
const comments = /--[^\n]*|\/\*[\s\S]*?\*\//g;

/**
 * The statements of an SQL text; the HTTP interface takes one at a time.
 *
 * @example splitStatements("select 1; select ';'") // ["select 1", "select ';'"]
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let from = 0;
  for (const match of sql.matchAll(token)) {
    if (match[2] === undefined) continue;
    statements.push(sql.slice(from, match.index));
    from = match.index + 1;
  }
  statements.push(sql.slice(from));
  return statements
    .map((statement) => statement.trim())
    .filter((statement) => statement.replaceAll(comments, "").trim() !== "");
}
