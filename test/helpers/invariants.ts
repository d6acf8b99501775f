import { readFileSync } from "node:fs";
import type { Queryable } from "../../packages/dag-core/src/store/database.ts";
import { sql } from "./factory.ts";

/** A query that returns the rows that break what its name says. */
export interface Invariant {
  readonly name: string;
  /** At every commit, or only when nothing is under way and no process has died within its lease. */
  readonly holds: "always" | "at rest";
  readonly query: string;
}

const heading = /^-- (always|at rest): (.+)$/gm;

/** What the store must say whatever happened to the processes and the server. */
export const invariants: readonly Invariant[] = read();

function read(): readonly Invariant[] {
  const text = readFileSync(new URL("./invariants.sql", import.meta.url), "utf8");
  const headings = [...text.matchAll(heading)];
  return headings.map((found, index) => ({
    name: found[2] ?? "",
    holds: found[1] === "at rest" ? "at rest" : "always",
    query: text.slice(found.index + found[0].length, headings[index + 1]?.index),
  }));
}

export type Broken = Readonly<Record<string, readonly unknown[]>>;

/** The invariants that do not hold, with the rows that break them; empty when all is well. */
export async function brokenInvariants(
  database: Queryable,
  moment: "at rest" | "under way" = "at rest",
): Promise<Broken> {
  const broken: Record<string, readonly unknown[]> = {};
  for (const { name, query } of invariants.filter(
    ({ holds }) => moment === "at rest" || holds === "always",
  )) {
    const rows = await sql(database, query);
    if (rows.length > 0) broken[name] = rows;
  }
  return broken;
}
