import type { Aim } from "./aim.ts";

/** What one contender did in one turn. */
export interface Turn {
  /** The figure of the case: a time or a rate, as its unit says. */
  readonly value: number;
  /** Pieces of work that were proved done, each once. */
  readonly done: number;
  /** What else was measured, by name with its unit. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** A system that does the work of a case, on a database of its own, in a process of its own. */
export interface Contender {
  /** Pieces of work in a turn, so that it takes about ten seconds. */
  readonly work: number;
  /** Most turns, where more would tell nothing new: a peer that only waits for its next look. */
  readonly turns?: number;
  play(url: string, work: number): Promise<Turn>;
}

/** A system with the settings it comes with, and with the best that its documentation names. */
export interface PeerContenders {
  readonly default: Contender;
  readonly best?: Contender;
}

/** The same work, done by Tidemill, by bare statements, and by others. */
export interface Contest {
  readonly name: string;
  /** The work, in a line. */
  readonly what: string;
  /** What a piece of work is: chains, jobs, triggers. */
  readonly piece: string;
  readonly unit: string;
  readonly isLessBetter: boolean;
  readonly aims: readonly Aim[];
  /** What all turns take together on two cores, about. */
  readonly minutes: number;
  /** Settings of the server on top of its own. */
  readonly postgresSettings?: Readonly<Record<string, string>>;
  readonly tidemill: Contender;
  /** Tidemill with the settings that its documentation names for such work. */
  readonly tuned?: Contender;
  /** The statements that nobody can avoid, and nothing else. */
  readonly floor?: Contender;
  readonly peers?: Readonly<Record<string, PeerContenders>>;
}

/** A contender by the name it has in results: `tidemill`, `floor`, `pg-boss default`. */
export function contendersOf(contest: Contest): ReadonlyMap<string, Contender> {
  const named = new Map<string, Contender>([["tidemill", contest.tidemill]]);
  if (contest.tuned) named.set("tidemill tuned", contest.tuned);
  if (contest.floor) named.set("floor", contest.floor);
  for (const [name, peer] of Object.entries(contest.peers ?? {})) {
    named.set(`${name} default`, peer.default);
    if (peer.best) named.set(`${name} best`, peer.best);
  }
  return named;
}
