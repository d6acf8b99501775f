import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Its next step would be the double. */
const limitBytes = 8 * 2 ** 20;

const size = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;

/** The flag that sets the limit is read before any code runs, the factor of growth each time that it grows. */
const growBy = (factor: 1 | 2): void => setFlagsFromString(`--semi-space-growth-factor=${factor}`);

/**
 * Keeps V8's young generation small while something is imported, and below 16 MB from then on. Where much survives, as
 * of modules and of a thousand manifests, V8 doubles it up to 64 MB and keeps it for good; a scheduler needs no less
 * CPU time for it.
 */
export async function withSmallYoungGeneration<T>(load: () => Promise<T>): Promise<T> {
  growBy(1);
  const loaded = await load();
  growBy(2);
  const observer = new PerformanceObserver(() => {
    if (size() < limitBytes) return;
    growBy(1);
    observer.disconnect();
  });
  observer.observe({ entryTypes: ["gc"] });
  return loaded;
}
