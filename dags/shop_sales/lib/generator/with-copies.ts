import type { Random } from "../../../lib/random.ts";
import type { Volume } from "./sample.ts";

export interface CopiesOptions extends Volume {
  /** How often the first row is there. */
  readonly hottest: number;
  readonly random: Random;
}

/** Copies wait among so many others before they are written, so that they stand apart from their first. */
const waiting = 500;

/** How many more copies each row has, their sum exact: an even share, moved about within pairs. */
function* extraCopies({ rows, distinct, hottest, random }: CopiesOptions): Generator<number> {
  const spare = rows - distinct - (hottest - 1);
  const others = Math.max(1, distinct - 1);
  const share = (index: number): number =>
    Math.floor(((index + 1) * spare) / others) - Math.floor((index * spare) / others);
  yield hottest - 1;
  for (let index = 0; index < distinct - 1; index += 2) {
    const isPair = index + 1 < distinct - 1;
    const moved = isPair ? random.integer(0, share(index)) : 0;
    yield share(index) - moved;
    if (isPair) yield share(index + 1) + moved;
  }
}

/**
 * Repeats rows until there are as many as asked for, the copies mixed with what comes after them.
 * Rows in memory: those that wait, however many there are in all.
 */
export function* withCopies(firsts: Iterable<string>, options: CopiesOptions): Generator<string> {
  const { random } = options;
  const copies = extraCopies(options);
  const queue: string[] = [];
  for (const row of firsts) {
    yield row;
    const extra = copies.next().value ?? 0;
    for (let copy = 0; copy < extra; copy += 1) queue.push(row);
    while (queue.length > waiting) yield take(queue, random);
  }
  while (queue.length > 0) yield take(queue, random);
}

function take(queue: string[], random: Random): string {
  const at = random.integer(0, queue.length - 1);
  const taken = queue[at] ?? "";
  queue[at] = queue.at(-1) ?? "";
  queue.pop();
  return taken;
}
