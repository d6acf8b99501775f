import type { FaultRow } from "../fault-row.ts";
import { besideDag } from "../workload.ts";
import { runToItsEnd } from "./runner.ts";

interface Poison {
  readonly name: string;
  readonly dagId: string;
  readonly body: string;
  readonly options?: string;
  /** Whether the task succeeds all the same. */
  readonly isHarmless?: boolean;
}

const poisons: readonly Poison[] = [
  { name: "result of 100 MB", dagId: "poison_large", body: `return "x".repeat(100 * 2 ** 20);` },
  { name: "result with NUL bytes", dagId: "poison_nul", body: `return { text: "a\\u0000b" };` },
  {
    name: "result with lone surrogates",
    dagId: "poison_surrogate",
    body: `return ["\\ud800", "\\udc00"];`,
  },
  {
    name: "result that contains itself",
    dagId: "poison_cycle",
    body: `const all = []; all.push(all); return all;`,
  },
  { name: "result with a BigInt", dagId: "poison_bigint", body: `return { n: 10n };` },
  {
    name: "result that never comes",
    dagId: "poison_never",
    body: `return new Promise(() => {});`,
    options: `timeout: "200ms"`,
  },
  {
    name: "result that comes twice",
    dagId: "poison_twice",
    body: `return new Promise((yes, no) => {
      yes(1); yes(2); no(new Error("twice"));
      setTimeout(() => { throw new Error("after its end"); }, 20);
    });`,
    isHarmless: true,
  },
];

export const outputFiles = Object.fromEntries(
  poisons.map(({ dagId, body, options }) => [`${dagId}.ts`, besideDag(dagId, body, options)]),
);

export const outputRows: readonly FaultRow[] = poisons.map(({ name, dagId, isHarmless }) => ({
  name,
  loses: "any",
  mustLose: false,
  failing: isHarmless ? [] : [dagId],
  inject: (scene) => runToItsEnd(scene, dagId),
}));
