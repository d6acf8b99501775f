const controller = new AbortController();

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // A second one ends the process at once.
  process.once(signal, () => controller.abort(new Error(`ended by ${signal}`)));
}

/** Aborts when this process is told to end, so that servers, processes and folders of a case go with it. */
export const interrupted: AbortSignal = controller.signal;

/** Rejects once this process is told to end. */
export const interruption = (): { readonly promise: Promise<never>; forget(): void } => {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(interrupted.reason as Error);
  interrupted.addEventListener("abort", stop);
  if (interrupted.aborted) stop();
  return { promise, forget: () => interrupted.removeEventListener("abort", stop) };
};
