import { copies, marts } from "./marts.ts";
import { type DatabaseName, fileTables, sourceTables } from "./tables.ts";

interface Passport {
  readonly title: string;
  readonly type: string;
  readonly purpose: string;
  readonly method: string;
  readonly regularity: string;
  readonly volume: string;
  readonly criticality: string;
}

const databaseMethod = (connection: string): string =>
  `SQL over \`TIDEMILL_CONN_${connection}\`, one query at a time, rows in batches of 5,000`;
const daily = "daily at 00:30 Minsk time, for the day before";
const databaseVolume = "1 GB to 1 TB and more";

const databasePassports: Readonly<Record<DatabaseName, Passport>> = {
  bitrix: {
    title: "MySQL: Bitrix, the CRM",
    type: "relational, structured",
    purpose: "companies, contacts, deals and leads",
    method: databaseMethod("PAYMENTS_BITRIX"),
    regularity: daily,
    volume: databaseVolume,
    criticality: "high",
  },
  payments: {
    title: "PostgreSQL: payments and events",
    type: "relational, structured",
    purpose: "transactions, history of operations, products, merchants, events of the app",
    method: databaseMethod("PAYMENTS_SOURCE"),
    regularity: daily,
    volume: databaseVolume,
    criticality: "high",
  },
  oracle: {
    title: "Oracle: clients and contracts",
    type: "relational, structured",
    purpose: "users, settings, sessions, legal clients, contracts",
    method: databaseMethod("PAYMENTS_ORACLE"),
    regularity: daily,
    volume: databaseVolume,
    criticality: "high",
  },
};

const otherPassports: readonly Passport[] = [
  {
    title: "API of the National Bank of the Republic of Belarus",
    type: "semi-structured, JSON",
    purpose: "official rates of USD, EUR and RUB with their scale",
    method: "REST without a key; then stored answers; then bundled rates",
    regularity: "daily; seven days of look-back",
    volume: "one request a day",
    criticality: "medium; a used currency without a rate stops the batch",
  },
  {
    title: "API Yandex",
    type: "semi-structured, JSON",
    purpose: "coordinates, region and city of new addresses; traffic is a stub without a value",
    method: "REST with `YANDEX_GEOCODER_KEY`; then stored answers; then a point inside the region",
    regularity: "as needed, once for an address",
    volume: "tens of requests a day",
    criticality: "medium",
  },
  {
    title: "CSV and TXT on FTP",
    type: "structured and semi-structured",
    purpose: "daily sales of partners (`sales_<day>.csv`), logs of servers (`server_<day>.txt`)",
    method: "FTP or a folder by `TIDEMILL_CONN_PAYMENTS_FTP`; utf-8, else windows-1251",
    regularity: "daily",
    volume: "1 MB to 10 GB",
    criticality: "medium; a file that cannot be read is refused as a whole, the batch goes on",
  },
  {
    title: "Excel on FTP",
    type: "structured",
    purpose: "weekly reports of the advertising agency (`ad_report_<day>.xlsx`)",
    method: "FTP or a folder; the first sheet, whatever stands above its header",
    regularity: "weekly, Monday 02:00 Minsk time",
    volume: "below 1 MB",
    criticality: "medium",
  },
  {
    title: "DOCX on FTP",
    type: "unstructured",
    purpose: "contracts and documents: name, size, hash and text",
    method: "FTP or a folder; new or changed by content",
    regularity: "as received",
    volume: "below 10 MB each",
    criticality: "low",
  },
];

const passportText = (passport: Passport, tables: string): string =>
  [
    `## ${passport.title}`,
    "",
    `- Type: ${passport.type}`,
    `- Purpose: ${passport.purpose}`,
    `- Method: ${passport.method}`,
    `- Regularity: ${passport.regularity}`,
    `- Volume: ${passport.volume}`,
    `- Criticality: ${passport.criticality}`,
    ...(tables === "" ? [] : ["", tables]),
    "",
  ].join("\n");

const tablesText = (database: DatabaseName): string =>
  [
    "| Table | Mode | Columns |",
    "| --- | --- | --- |",
    ...Object.entries(sourceTables[database]).map(
      ([table, { mode, columns }]) => `| \`${table}\` | ${mode} | ${columns.join(", ")} |`,
    ),
  ].join("\n");

/** Type, purpose, method, regularity, volume and criticality of every source, with the tables that are read. */
export function sourcePassports(): string {
  const names = Object.keys(databasePassports) as readonly DatabaseName[];
  return [
    "# Source passports",
    "",
    ...names.map((name) => passportText(databasePassports[name], tablesText(name))),
    ...otherPassports.map((passport) => passportText(passport, "")),
  ].join("\n");
}

export interface SqlHeader {
  readonly target: string;
  readonly grain: string;
  readonly keys: string;
  readonly reads: string;
}

/** The header of an SQL file, as house style has it. */
export function headerOf(sql: string): SqlHeader {
  const of = (name: string): string => new RegExp(`^-- ${name}: (.*)$`, "m").exec(sql)?.[1] ?? "";
  return { target: of("target"), grain: of("grain"), keys: of("keys"), reads: of("reads") };
}

const escaped = (text: string): string =>
  text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("*", "\\*");

/** Every table with its grain and keys, by layer, and the columns of the marts. */
export function dataDictionary(schema: Readonly<Record<string, readonly SqlHeader[]>>): string {
  const lines = ["# Data dictionary", ""];
  for (const [layer, headers] of Object.entries(schema)) {
    lines.push(`## ${layer}`, "", "| Object | Grain | Keys |", "| --- | --- | --- |");
    for (const { target, grain, keys } of headers) {
      lines.push(`| ${escaped(target)} | ${escaped(grain)} | ${escaped(keys)} |`);
    }
    lines.push("");
  }
  lines.push("## payments_mart", "", "| Table | Columns |", "| --- | --- |");
  for (const [table, columns] of Object.entries({ ...copies, ...marts })) {
    lines.push(`| \`${table}\` | ${columns.join(", ")} |`);
  }
  lines.push("", "## Files", "", "| Table | Columns |", "| --- | --- |");
  for (const [table, columns] of Object.entries(fileTables)) {
    lines.push(`| \`stage.${table}\` | ${columns.join(", ")} |`);
  }
  return `${lines.join("\n")}\n`;
}

/** What each object is made from, as the headers of the transforms say. */
export function lineage(headers: readonly SqlHeader[]): string {
  const lines = ["# Lineage", "", "| Target | Reads |", "| --- | --- |"];
  for (const { target, reads } of headers) lines.push(`| ${escaped(target)} | ${escaped(reads)} |`);
  return `${lines.join("\n")}\n`;
}
