export { ftp } from "./connection.ts";
export type { FileEntry, FileFolder } from "../files/hook.ts";
