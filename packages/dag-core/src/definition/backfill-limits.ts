/** Most runs of one backfill at once: its cancel reads all that run in one go. */
export const mostBackfillRuns = 10_000;

/** Most intervals that one run covers: their bounds stand in its row and go to each of its tasks. */
export const mostBatchIntervals = 10_000;
