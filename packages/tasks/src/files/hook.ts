export interface FileEntry {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/** A folder of files, on this machine or on a server. */
export interface FileFolder extends AsyncDisposable {
  /** The files in it, without those in folders below, by name. */
  list(): Promise<readonly FileEntry[]>;
  /** The bytes of a file as they arrive. One file at a time. */
  read(name: string): AsyncIterable<Buffer>;
}
