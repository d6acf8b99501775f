import type { ContestResult, Standing } from "./result.ts";
import { shown } from "./shown.ts";

const peers = ["graphile-worker", "pg-boss", "dbos"];
/** Cases of the short table, in its order: each has a floor or a peer beside it. */
const cases = ["chain", "wide-1000", "drain", "dispatch", "backfill", "load"];

/** What one command reproduces, a line for a case: medians, peers at their best settings. */
export function shortTable(results: readonly ContestResult[]): string {
  const rows = cases.flatMap((name) => results.find((result) => result.case === name) ?? []);
  const columns = ["case", "what", "unit", "Tidemill", "bare statements", ...peers];
  const lines = rows.map(lineOf);
  return [columns, ["---", "---", "---", "---:", "---:", ...peers.map(() => "---:")], ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function lineOf(result: ContestResult): string[] {
  const cell = (standing: Standing | null | undefined) => (standing ? shown(standing.median) : "");
  const ofPeers = peers.map((peer) => {
    const settings = result.peers[peer];
    return cell(settings?.["best"] ?? settings?.["default"]);
  });
  const { case: name, what, unit } = result;
  return [name, what, unit, cell(result.tidemill), cell(result.floor), ...ofPeers];
}
