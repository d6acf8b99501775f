import { parseArgs } from "node:util";
import { type Figures, mergeFigures, problemsOf } from "./figures.ts";
import { type Group, groups } from "./groups.ts";
import { figuresTable } from "./figures-table.ts";
import { Scene } from "./scene.ts";
import { type FaultServer, ownServer } from "./server.ts";
import { tryRow } from "./trial.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "8" },
    lease: { type: "string", default: "15" },
    only: { type: "string", default: "" },
    output: { type: "string", default: "table" },
  },
});
const leaseMs = Number(values.lease) * 1_000;
const endsAt = performance.now() + Number(values.minutes) * 60_000;
const report = (line: string): void => void process.stderr.write(`${line}\n`);

/** Tries every row of a group on a scene of its own. A scene that does not recover is left, with what it says. */
async function tryGroup(
  server: FaultServer,
  group: Group,
  seed: number,
): Promise<readonly Figures[]> {
  const { name, engines, files = {} } = group;
  const tried: Figures[] = [];
  await using scene = await Scene.open({ name, server, engines, leaseMs, seed, files });
  for (const row of group.rows) {
    const figures = await tryRow(row, scene);
    const problems = problemsOf(figures);
    report(`${row.name}: ${problems.length > 0 ? problems.join("; ") : "nothing lost"}`);
    tried.push(figures);
  }
  return tried;
}

/** Every row once, then again with the next seed while there is time. */
async function tryAll(chosen: readonly Group[], firstSeed: number): Promise<readonly Figures[]> {
  await using server = await ownServer();
  const tried: Figures[] = [];
  let seed = firstSeed;
  do {
    report(`seed ${seed}`);
    for (const group of chosen) {
      if (seed > firstSeed && performance.now() >= endsAt) break;
      tried.push(...(await tryGroup(server, group, seed)));
    }
    seed += 1;
  } while (performance.now() < endsAt);
  return mergeFigures(tried);
}

const isChosen = (group: Group, rowName: string): boolean =>
  group.name === values.only || rowName.includes(values.only);
const chosen = groups
  .map((group) => ({ ...group, rows: group.rows.filter(({ name }) => isChosen(group, name)) }))
  .filter(({ rows }) => rows.length > 0);
if (chosen.length === 0) {
  const names = groups.flatMap(({ rows }) => rows.map((row) => `  ${row.name}\n`)).join("");
  process.stderr.write(`"${values.only}" is no fault of the matrix; use one of\n${names}`);
  process.exitCode = 2;
} else {
  const rows = await tryAll(chosen, Number(values.seed));
  const json = JSON.stringify({ seed: Number(values.seed), leaseMs, rows });
  process.stdout.write(`${values.output === "json" ? json : figuresTable(rows)}\n`);
  process.exitCode = rows.some((row) => problemsOf(row).length > 0) ? 1 : 0;
}
