/** Whether an error says that there is no such file. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && (error as { code?: unknown }).code === "ENOENT";
