import { parseArgs } from "node:util";
import { replayCommand, runSchedule } from "../test/helpers/simulation/schedule.ts";

/**
 * Runs simulated schedules: one with `--seed N`, telling what happens, or many with `--from N --count N`.
 * It ends with 1 when something did not hold.
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    steps: { type: "string" },
    from: { type: "string", default: "0" },
    count: { type: "string", default: "1000" },
  },
});
const say = (text: string) => void process.stdout.write(`${text}\n`);

async function replay(seed: number): Promise<boolean> {
  const steps = values.steps === undefined ? undefined : Number(values.steps);
  const { broken, commits } = await runSchedule({ seed, steps, onStep: say });
  say(broken.length > 0 ? broken.join("\n") : `seed ${seed}: all held at ${commits} commits`);
  return broken.length === 0;
}

async function search(from: number, count: number): Promise<boolean> {
  for (let seed = from; seed < from + count; seed++) {
    const result = await runSchedule({ seed });
    if (result.broken.length === 0) continue;
    say(await replayCommand(result));
    return false;
  }
  say(`all held in ${count} schedules from seed ${from}`);
  return true;
}

const isWell =
  values.seed === undefined
    ? await search(Number(values.from), Number(values.count))
    : await replay(Number(values.seed));
process.exitCode = isWell ? 0 : 1;
