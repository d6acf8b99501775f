/** A name inside a statement. */
export const quoteName = (name: string): string => `\`${name.replace(/[\\`]/g, "\\$&")}\``;

/** A text inside a statement. */
export const quoteText = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;

/** A table of a database. */
export interface TableName {
  readonly database: string;
  readonly table: string;
}

export const quoteTable = ({ database, table }: TableName): string =>
  `${quoteName(database)}.${quoteName(table)}`;

/** `database.table`, or `table` of the connection's database. */
export function parseTable(name: string, database: string): TableName {
  const dot = name.indexOf(".");
  return dot === -1
    ? { database, table: name }
    : { database: name.slice(0, dot), table: name.slice(dot + 1) };
}
