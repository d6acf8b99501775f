import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Contest } from "./contest.ts";
import type { Standing, Standings } from "./run-contest.ts";
import { shortTable } from "./short-table.ts";
import { shown } from "./shown.ts";

/** What a case gave, as it is stored and printed. */
export interface ContestResult {
  readonly case: string;
  readonly what: string;
  readonly unit: string;
  readonly aim: string;
  readonly tidemill: Standing;
  readonly floor: Standing | null;
  /** Tidemill's median over the floor's; the other way round where more is better, so 1 is the floor. */
  readonly ratio: number | null;
  readonly peers: Readonly<Record<string, Readonly<Record<string, Standing>>>>;
  /** Every contender did each piece of its work once; without that there is no result. */
  readonly proved: true;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
}

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
  const peers: Record<string, Record<string, Standing>> = {};
  for (const [name, standing] of standings) {
    const [peer = "", setting] = name.split(" ");
    if (setting !== undefined) peers[peer] = { ...peers[peer], [setting]: standing };
  }
  const { name, what, unit, aim } = contest;
  const ratio = floor && tidemill.median / floor.median;
  return {
    case: name,
    what,
    unit,
    aim,
    tidemill,
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

/** Keeps a result, and writes the page and the short table of the README anew from all that are kept. */
export async function keepResult(result: ContestResult): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${result.case}.json`, folder), `${JSON.stringify(result, null, 2)}\n`);
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), "utf8")));
  const results = texts.map((text) => JSON.parse(text) as ContestResult);
  await writeFile(page, pageOf(results));
  await writeFile(readme, withShortTable(await readFile(readme, "utf8"), shortTable(results)));
}

/** The README with another table between its marks. */
export function withShortTable(text: string, table: string): string {
  const [before, rest] = text.split(tableBegins);
  const after = rest?.split(tableEnds)[1];
  if (before === undefined || after === undefined) throw new Error("README.md has no table");
  return `${before}${tableBegins}\n\n${table}\n\n${tableEnds}${after}`;
}

const cell = ({ median, min, max, runs }: Standing): string =>
  runs === 1 ? `${shown(median)} (one turn)` : `${shown(median)} (${shown(min)} to ${shown(max)})`;

function pageOf(results: readonly ContestResult[]): string {
  const head = `# Results

Written by \`npm run bench -- <case>\` from the files in \`results/\`. Each case is played on a freshly initialised
PostgreSQL with fsync and synchronous_commit on; contenders take turns, each turn in a process and on a database of its
own. A figure is the median of the turns, with the least and the greatest; a turn counts only if every piece of its work
was done once. "Floor" is a bare script that does only the statements that cannot be avoided. Ratios compare within one
case; figures of different machines do not compare.
`;
  return `${head}\n${results.map(sectionOf).join("\n")}`;
}

function sectionOf(result: ContestResult): string {
  const rows = [
    ["tidemill", result.tidemill] as const,
    ...(result.floor ? [["floor", result.floor] as const] : []),
    ...Object.entries(result.peers).flatMap(([peer, settings]) =>
      Object.entries(settings).map(([setting, one]) => [`${peer}, ${setting}`, one] as const),
    ),
  ];
  const line = ([name, standing]: readonly [string, Standing]): string => {
    const more = Object.entries(standing.figures).map(
      ([what, value]) => `${what}: ${shown(value)}`,
    );
    return `| ${name} | ${cell(standing)} | ${standing.work} | ${more.join("; ")} |`;
  };
  const ratio = result.ratio === null ? "" : ` Times the floor: ${result.ratio.toFixed(1)}.`;
  const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`);
  return `## ${result.case}

${result.what}. Aim: ${result.aim}.${ratio}

| contender | ${result.unit} | work in a turn | also |
|---|---:|---:|---|
${rows.map(line).join("\n")}

${result.machine}; ${versions.join(", ")}
`;
}
