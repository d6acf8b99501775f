import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Contest } from "./contest.ts";
import type { ContestResult, Standings } from "./result.ts";
import { pageOf } from "./results-page.ts";
import { shortTable } from "./short-table.ts";

const folder = new URL("../results/", import.meta.url);
const page = new URL("../RESULTS.md", import.meta.url);
const readme = new URL("../../README.md", import.meta.url);
const [tableBegins, tableEnds] = ["<!-- prettier-ignore-start -->", "<!-- prettier-ignore-end -->"];
const packages = ["graphile-worker", "pg-boss", "@dbos-inc/dbos-sdk"];

/** The result of a case that was played. */
export function resultOf(contest: Contest, standings: Standings, machine: string): ContestResult {
  const tidemill = standings.get("tidemill");
  if (!tidemill) throw new Error(`tidemill did not take part in ${contest.name}`);
  const floor = standings.get("floor") ?? null;
  const tuned = standings.get("tidemill tuned") ?? null;
  const peers: Record<string, Record<string, ContestResult["tidemill"]>> = {};
  for (const [name, standing] of standings) {
    const [peer = "", setting] = name.split(" ");
    if (setting !== undefined && peer !== "tidemill")
      peers[peer] = { ...peers[peer], [setting]: standing };
  }
  const { name, what, unit } = contest;
  const ratio = floor && tidemill.median / floor.median;
  return {
    case: name,
    what,
    unit,
    tidemill,
    tuned,
    floor,
    ratio: ratio === null || contest.isLessBetter ? ratio : 1 / ratio,
    peers,
    proved: true,
    machine,
    versions: Object.fromEntries(packages.map((one) => [one, versionOf(one)])),
  };
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  // A package may not export its package.json, so its folder is found by its entry.
  const [folderOfIt = ""] = require.resolve(name).split(`/node_modules/${name}/`);
  const manifest: unknown = require(`${folderOfIt}/node_modules/${name}/package.json`);
  return (manifest as { readonly version: string }).version;
}

/** Keeps a result. */
export async function keepResult(result: ContestResult): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${result.case}.json`, folder), `${JSON.stringify(result, null, 2)}\n`);
}

/** Writes the page and the short table of the README anew, from all results that are kept. */
export async function writePages(contests: readonly Contest[]): Promise<void> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json"));
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), "utf8")));
  const results = texts.map((text) => JSON.parse(text) as ContestResult);
  await writeFile(page, pageOf(contests, results));
  await writeFile(readme, withShortTable(await readFile(readme, "utf8"), shortTable(results)));
}

/** The README with another table between its marks. */
function withShortTable(text: string, table: string): string {
  const [before, rest] = text.split(tableBegins);
  const after = rest?.split(tableEnds)[1];
  if (before === undefined || after === undefined) throw new Error("README.md has no table");
  return `${before}${tableBegins}\n\n${table}\n\n${tableEnds}${after}`;
}
