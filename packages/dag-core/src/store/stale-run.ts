/** A row was not what the lock said it was: somebody changed it without holding the lock of its run. */
export class StaleRunError extends Error {
  override readonly name = "StaleRunError";
}

const divisionByZero = "22012";

/** For a statement that divides by zero where it did not find every row as it was given. */
export function staleIfNotWhole(message: string): (error: unknown) => never {
  return (error) => {
    if ((error as { code?: unknown }).code !== divisionByZero) throw error;
    throw new StaleRunError(message);
  };
}
