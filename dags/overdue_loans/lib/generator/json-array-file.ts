import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Large enough that the disk, not the event loop, is the limit; small enough to keep memory flat. */
const chunkCharacters = 256 * 1024;

/** A record as it stands in a file: indented by two, and by two more because it is inside of an array. */
export const recordText = (record: object): string =>
  JSON.stringify(record, null, 2).replaceAll("\n", "\n  ");

/**
 * Writes an array of records, as `JSON.stringify(records, null, 2)` would, without holding it. The file has its name
 * only once it is whole.
 */
export class JsonArrayFile implements AsyncDisposable {
  readonly #path: string;
  readonly #handle: FileHandle;
  #chunk = "[";
  #isEmpty = true;
  #isDone = false;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  static async create(path: string): Promise<JsonArrayFile> {
    await mkdir(dirname(path), { recursive: true });
    return new JsonArrayFile(path, await open(`${path}.partial`, "w"));
  }

  /** Takes a record as text of {@link recordText}. */
  async write(text: string): Promise<void> {
    this.#chunk += `${this.#isEmpty ? "" : ","}\n  ${text}`;
    this.#isEmpty = false;
    if (this.#chunk.length >= chunkCharacters) await this.#flush();
  }

  async finish(): Promise<void> {
    this.#chunk += this.#isEmpty ? "]" : "\n]";
    await this.#flush();
    await this.#handle.close();
    await rename(`${this.#path}.partial`, this.#path);
    this.#isDone = true;
  }

  async #flush(): Promise<void> {
    const chunk = this.#chunk;
    this.#chunk = "";
    await this.#handle.write(chunk);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDone) return;
    await this.#handle.close();
    await rm(`${this.#path}.partial`, { force: true });
  }
}
