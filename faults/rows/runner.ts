import type { FaultRow } from "../fault-row.ts";
import type { Scene } from "../scene.ts";
import { besideDag } from "../workload.ts";

interface Misbehaviour {
  readonly name: string;
  readonly dagId: string;
  /** What its task does when it runs for the first time; it works the second time. */
  readonly does: string;
  readonly options?: string;
  readonly mustLose?: boolean;
}

const misbehaviours: readonly Misbehaviour[] = [
  { name: "runner exits", dagId: "runner_exits", does: "process.exit(1)", mustLose: true },
  {
    name: "runner killed, as for its memory",
    dagId: "runner_killed",
    does: `process.kill(process.pid, "SIGKILL"); await pause(ctx, 60_000)`,
    mustLose: true,
  },
  {
    name: "runner blocks its event loop",
    dagId: "runner_blocks",
    does: "for (;;);",
    options: `timeout: "200ms", retries: 5, retryDelay: "100ms"`,
  },
  {
    name: "runner throws outside a promise",
    dagId: "runner_throws",
    does: `setTimeout(() => { throw new Error("outside"); }, 10); await pause(ctx, 60_000)`,
    options: `retries: 5, retryDelay: "100ms"`,
  },
  {
    name: "runner floods its output",
    dagId: "runner_floods",
    does: `for (let n = 0; n < 20_000; n++) console.log("x".repeat(500))`,
  },
];

/** The DAGs whose tasks misbehave. */
export const runnerFiles = Object.fromEntries(
  misbehaviours.map(({ dagId, does, options }) => {
    const body = `if (isFirst(ctx)) { ${does}; } return ctx.tryNumber;`;
    return [`${dagId}.ts`, besideDag(dagId, body, options)];
  }),
);

export const runnerRows: readonly FaultRow[] = misbehaviours.map((one) => ({
  name: one.name,
  loses: "any",
  mustLose: one.mustLose ?? false,
  inject: (scene) => runToItsEnd(scene, one.dagId),
}));

/** The harm is a run of its own: it is over when the run is. */
export async function runToItsEnd(scene: Scene, dagId: string): Promise<{ since: number }> {
  const since = performance.now();
  const { runId } = await scene.client.trigger(dagId);
  await scene.ended(dagId, runId);
  return { since };
}
