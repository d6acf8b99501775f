/** This machine's clock in milliseconds, with fractions; the same in every process. */
export const clock = (): number => performance.timeOrigin + performance.now();

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
