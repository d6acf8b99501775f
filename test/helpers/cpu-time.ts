/** The result of some work, and the processor time of this process in ms: a busy machine makes it no longer. */
export async function withCpuTime<T>(
  work: () => T | Promise<T>,
): Promise<{ readonly result: T; readonly cpuMs: number }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, cpuMs: (user + system) / 1_000 };
}
