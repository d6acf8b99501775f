import type { Client } from "../client/create-client.ts";
import type { BackfillDetails } from "../client/read-model.ts";
import { formatMs } from "../kernel/duration.ts";
import { note, Progress } from "./output.ts";

const lookEveryMs = 1_000;

/** Waits for the end of a backfill and tells on standard error how far it is and which of its runs have failed. */
export async function watchBackfill(
  client: Client,
  backfillId: string,
  isQuiet: boolean,
): Promise<BackfillDetails> {
  const progress = new Progress();
  const told = new Set<string>();
  for (;;) {
    const backfill = await client.backfill.status(backfillId);
    const news = backfill.failures.filter((one) => !told.has(one.runId));
    for (const { runId } of news) told.add(runId);
    if (!isQuiet && news.length > 0) {
      progress.end();
      for (const { runId, reason } of news.toReversed())
        note(`${runId} has failed (${reason ?? ""})`);
    }
    if (backfill.endedAt !== null) {
      progress.end();
      return backfill;
    }
    if (!isQuiet) progress.update(progressText(backfill));
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

function progressText(backfill: BackfillDetails): string {
  const { state, runs, queued, running, failed, secondsLeft, runsPerSecond } = backfill;
  const ended = runs - queued - running;
  const rate = runsPerSecond ? `, ${(runsPerSecond * 60).toFixed(1)} a minute` : "";
  const left = secondsLeft === null ? "" : `, about ${formatMs(secondsLeft * 1_000)} left`;
  return `${state}: ${ended} of ${runs} runs have ended, ${failed} failed, ${running} run${rate}${left}`;
}
