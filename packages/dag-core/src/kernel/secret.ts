import { inspect } from "node:util";

const mask = "***";

/** A text that prints as `***` wherever it is printed; only {@link Secret.reveal} gives it back. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    Object.freeze(this);
  }

  /** The text itself. Call it where the text is used, and pass the Secret everywhere else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}
