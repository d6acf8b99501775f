/** `true` if two types are the same to the compiler, not only assignable to each other. */
export type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles if its type argument is `true`. */
export function expectTrue<_T extends true>(): void {}
