/** A type that stands for a sentence: the compiler prints it where a value does not fit. */
export interface TypeProblem<Message extends string> {
  readonly __problem__: Message;
}

export type JsonPrimitive = string | number | boolean | null;
export type JsonValue =
  JsonPrimitive | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/** What `T` must also be to survive JSON: nothing where it already does, a TypeProblem where it does not. */
export type JsonShape<T> = T extends JsonPrimitive | undefined | void
  ? unknown
  : T extends (...args: never[]) => unknown
    ? TypeProblem<"a function cannot be stored in XCom">
    : T extends Date
      ? TypeProblem<"return date.toISOString(), a Date cannot be stored in XCom">
      : T extends bigint
        ? TypeProblem<"return String(n), a bigint cannot be stored in XCom">
        : T extends object
          ? { [K in keyof T]: JsonShape<T[K]> }
          : TypeProblem<"this value cannot be stored in XCom">;

/** A value, or the promise of one, that survives JSON. */
export type JsonResult<O> = (O & JsonShape<O>) | Promise<O & JsonShape<O>>;
