import { aimCells } from "./aim.ts";
import type { Contest } from "./contest.ts";
import type { ContestResult, Standing } from "./result.ts";
import { shown } from "./shown.ts";

const head = `# Results

Written by \`npm run bench -- all\` from the files in \`results/\`. Each case is played on a freshly initialised
PostgreSQL with fsync and synchronous_commit on; contenders take turns, each turn in a process and on a database of its
own. A figure is the median of the turns, with the least and the greatest; a turn counts only if every piece of its work
was done once. A turn of more than 20 s is played once, and so is one of a peer that only waits for its next look. "Floor"
is a bare script that does only the statements that cannot be avoided. Ratios compare within one case; figures of
different machines do not compare.
`;

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** The page: each aim with what was reached beside it, then each case with all who took part. */
export function pageOf(contests: readonly Contest[], results: readonly ContestResult[]): string {
  const resultOf = ({ name }: Contest) => results.find((result) => result.case === name);
  const aims = contests.flatMap((contest) =>
    contest.aims.map((aim) => line([contest.name, ...aimCells(aim, resultOf(contest))])),
  );
  const sections = contests.flatMap((contest) => {
    const result = resultOf(contest);
    return result ? [sectionOf(result)] : [];
  });
  return `${head}
## Aims

| case | figure | aim | measured | reached | why not |
|---|---|---:|---:|---|---|
${aims.join("\n")}

${sections.join("\n")}`;
}

const cell = ({ median, min, max, runs }: Standing): string =>
  runs === 1 ? `${shown(median)} (one turn)` : `${shown(median)} (${shown(min)} to ${shown(max)})`;

function sectionOf(result: ContestResult): string {
  const rows = [
    ["tidemill", result.tidemill] as const,
    ...(result.tuned ? [["tidemill, tuned", result.tuned] as const] : []),
    ...(result.floor ? [["floor", result.floor] as const] : []),
    ...Object.entries(result.peers).flatMap(([peer, settings]) =>
      Object.entries(settings).map(([setting, one]) => [`${peer}, ${setting}`, one] as const),
    ),
  ];
  const row = ([name, standing]: readonly [string, Standing]): string => {
    const more = Object.entries(standing.figures).map(
      ([what, value]) => `${what}: ${shown(value)}`,
    );
    return line([name, cell(standing), String(standing.work), more.join("; ")]);
  };
  const ratio = result.ratio === null ? "" : ` Times the floor: ${result.ratio.toFixed(1)}.`;
  const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`);
  return `## ${result.case}

${result.what}.${ratio}

| contender | ${result.unit} | work in a turn | also |
|---|---:|---:|---|
${rows.map(row).join("\n")}

${result.machine}; ${versions.join(", ")}
`;
}
