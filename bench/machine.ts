import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";

/** The machine and the runtime, in a line. */
export function machine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model ?? arch();
  return `${availableParallelism()} cores (${model}), ${gigabytes} GB, ${platform()}, Node ${process.version}`;
}
