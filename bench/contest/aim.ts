import type { ContestResult, Standing } from "./result.ts";
import { shown } from "./shown.ts";

/** What a figure of a case is to reach. Without a bound the figure is stated, and nothing is held against it. */
export interface Aim {
  /** What is held against the bound, with its unit. */
  readonly what: string;
  readonly of: (result: ContestResult) => number;
  readonly least?: number;
  readonly most?: number;
  /** Where it is out of reach: why, by the profile and what was tried. */
  readonly wall?: string;
}

/** The figure of the case itself. */
export const medianTurn = ({ tidemill }: ContestResult): number => tidemill.median;

/** Another figure of Tidemill's turns. */
export const figure =
  (name: string) =>
  ({ tidemill }: ContestResult): number =>
    tidemill.figures[name] ?? Number.NaN;

/** How many times worse than the floor. */
export const floors = ({ ratio }: ContestResult): number => ratio ?? Number.NaN;

/** Tidemill's share of the floor's rate. */
export const shareOfFloor = (result: ContestResult): number => 1 / floors(result);

/** Tidemill's figure with the settings for such work over a peer's. */
export const tunedTimesPeer =
  (peer: string, setting: "default" | "best") =>
  ({ tuned, peers }: ContestResult): number =>
    (tuned?.median ?? Number.NaN) / (peers[peer]?.[setting]?.median ?? Number.NaN);

/** Tidemill's figure over a peer's. */
export const timesPeer =
  (peer: string, setting: "default" | "best") =>
  ({ tidemill, peers }: ContestResult): number =>
    tidemill.median / (peers[peer]?.[setting]?.median ?? Number.NaN);

/** Another figure of Tidemill's over the least of all peers'. */
export const timesLeastPeer =
  (name: string) =>
  ({ tidemill, peers }: ContestResult): number => {
    const of = ({ figures }: Standing) => figures[name] ?? Number.NaN;
    const theirs = Object.values(peers).flatMap((settings) => Object.values(settings).map(of));
    return of(tidemill) / Math.min(...theirs);
  };

/** Whether a result reaches an aim; undefined where the aim has no bound. A figure that is missing reaches none. */
export function isReached(aim: Aim, result: ContestResult): boolean | undefined {
  const { least, most } = aim;
  if (least === undefined && most === undefined) return undefined;
  const value = aim.of(result);
  return value >= (least ?? -Infinity) && value <= (most ?? Infinity);
}

/** The bound of an aim for a table: `at most 5`. */
function boundOf({ least, most }: Aim): string {
  if (most !== undefined) return `at most ${plain(most)}`;
  return least === undefined ? "stated" : `at least ${plain(least)}`;
}

const plain = (bound: number): string => bound.toLocaleString("en-US");

/** Columns of the table of aims after the name of the case. */
export function aimCells(aim: Aim, result: ContestResult | undefined): string[] {
  if (!result) return [aim.what, boundOf(aim), "not played", "", ""];
  const reached = isReached(aim, result);
  const answer = reached === undefined ? "" : reached ? "yes" : "no";
  const wall = reached === false ? (aim.wall ?? "") : "";
  return [aim.what, boundOf(aim), shown(aim.of(result)), answer, wall];
}
