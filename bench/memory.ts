const sampleMs = 500;

/**
 * Resident memory of this process while something runs.
 *
 * @param share Of the samples: what counts as the beginning. Defaults to the first half.
 * @returns what the work gave, and the most memory after its beginning over the most in it
 */
export async function memoryOf<T>(
  work: () => Promise<T>,
  share = 0.5,
): Promise<{ readonly result: T; readonly growth: number }> {
  const samples = [process.memoryUsage.rss()];
  const timer = setInterval(() => samples.push(process.memoryUsage.rss()), sampleMs);
  try {
    const result = await work();
    samples.push(process.memoryUsage.rss());
    const first = Math.max(1, Math.floor(samples.length * share));
    const growth = Math.max(...samples.slice(first)) / Math.max(...samples.slice(0, first));
    return { result, growth };
  } finally {
    clearInterval(timer);
  }
}
