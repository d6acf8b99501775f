import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ConnectionRef, tidemillError } from "@tidemill/dag-core";
import { checkedScheme, type UriForm } from "../checked-uri.ts";
import { isMissing } from "./is-missing.ts";
import type { FileEntry, FileFolder } from "./hook.ts";

const form: UriForm = { schemes: ["file"], example: "file:///var/spool/reports" };

/** Names are those of files in the folder: a path would lead out of it. */
export function checkFileName(name: string): void {
  if (name !== "" && name === basename(name) && name !== "." && name !== "..") return;
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `File name "${name}"`,
    problem: "is a path",
    remedy: "name a file of the folder itself",
  });
}

async function listFolder(path: string): Promise<FileEntry[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    const problem = isMissing(cause) ? "is not there" : "cannot be read";
    const details = {
      subject: `Folder "${path}"`,
      problem,
      remedy: "create it, or change the URI",
    };
    throw tidemillError("TIDEMILL_INPUT_INVALID", details, { cause });
  });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const found = files.sort().map(async (name) => ({
    name,
    size: (await stat(join(path, name))).size,
  }));
  return await Promise.all(found);
}

/** Opens a folder of this machine. */
export function openFolder(path: string, signal: AbortSignal): FileFolder {
  return {
    list: () => listFolder(path),
    async *read(name) {
      checkFileName(name);
      for await (const chunk of createReadStream(join(path, name), { signal })) {
        yield chunk as Buffer;
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * A folder of this machine; the URI is `file:///var/spool/reports`.
 *
 * @param connectionId The address is read from `TIDEMILL_CONN_<ID>`.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for an address of another kind, and for a folder that is not there, when it is listed.
 * @example export const inbox = folder("inbox"); // TIDEMILL_CONN_INBOX=file:///var/spool/reports
 */
export function folder(connectionId: string): ConnectionRef<FileFolder> {
  const pathOf = (uri: string): string => fileURLToPath(checkedScheme(connectionId, uri, form));
  return {
    connectionId,
    system: "folder",
    open: async (uri, signal) => openFolder(pathOf(uri), signal),
    async test(uri, signal) {
      const files = await openFolder(pathOf(uri), signal).list();
      return `folder with ${files.length} files`;
    },
  };
}
