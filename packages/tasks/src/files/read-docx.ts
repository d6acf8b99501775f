import mammoth from "mammoth";
import { fileError } from "./file-error.ts";

/**
 * The text of a Word document, a paragraph a line.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for what is no DOCX file, or one cut off.
 * @example const text = await readDocx(bytes, { name: "contract.docx" });
 */
export async function readDocx(
  bytes: Buffer,
  { name }: { readonly name: string },
): Promise<string> {
  if (bytes.length === 0) throw fileError(name, "is empty", "send the file again");
  try {
    const { value } = await mammoth.extractRawText({ buffer: bytes });
    return value.replaceAll(/\n{2,}/g, "\n").trim();
  } catch (error) {
    throw fileError(name, "is not a whole Word document", "send it again as .docx", error);
  }
}
