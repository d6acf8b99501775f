import Table from "cli-table3";
import type { Figures, Spread } from "./figures.ts";
import { spreadOf } from "./figures.ts";

type Column = readonly [heading: string, show: (row: Figures) => string | number];

const shown = (spread: Spread | undefined): string =>
  spread ? `${spread.median.toFixed(1)}, ${spread.max.toFixed(1)}` : "";

const columns: readonly Column[] = [
  ["fault", (row) => row.fault],
  ["injections", (row) => row.injections],
  ["tries\nlost", (row) => row.triesLost],
  ["duplicated\neffects", (row) => row.duplicatedEffects],
  ["lost", (row) => row.lost],
  ["stuck", (row) => row.stuck],
  ["alerts\nmissing", (row) => row.alertsMissing],
  ["alerts\ndoubled", (row) => row.alertsDoubled],
  ["recovery s\nmedian, max", (row) => shown(spreadOf(row.recoverySeconds))],
  ["scheduling s\nmedian, max", (row) => shown(spreadOf(row.schedulingSeconds))],
];

/** The figures of a matrix for people, a line for each fault. */
export function figuresTable(rows: readonly Figures[]): string {
  const table = new Table({
    head: columns.map(([heading]) => heading),
    colAligns: ["left"],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(columns.map(([, show]) => show(row)));
  return table.toString();
}
