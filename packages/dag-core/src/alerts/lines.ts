/** Telegram's limit, in UTF-16 code units. */
export const messageLimit = 4_096;

/** A piece of text and how it is shown. */
export interface Piece {
  readonly text: string;
  readonly style?: "b" | "code" | "pre";
}
export type Line = readonly Piece[];

export const plain = (text: string): Piece => ({ text });
export const bold = (text: string): Piece => ({ text, style: "b" });
export const code = (text: string): Piece => ({ text, style: "code" });

/** A message that is too long loses lines at the end of its body; the tail stays. */
export interface Draft {
  readonly body: readonly Line[];
  readonly tail: readonly Line[];
}

/** A draft in Telegram's HTML and as plain text, each within its limit. */
export function render(draft: Draft): { readonly html: string; readonly text: string } {
  return { html: joined(draft, htmlOf), text: joined(draft, textOf) };
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => escapes[sign] ?? sign);
const textOf = (line: Line): string => line.map(({ text }) => text).join("");
const htmlOf = (line: Line): string =>
  line
    .map(({ text, style }) =>
      style === undefined ? escapeHtml(text) : `<${style}>${escapeHtml(text)}</${style}>`,
    )
    .join("");

const more = "...";

function joined({ body, tail }: Draft, show: (line: Line) => string): string {
  const end = fitting(tail.map(show), messageLimit / 2);
  const room = messageLimit - end.reduce((sum, line) => sum + line.length + 1, 0);
  return [...fitting(body.map(show), room), ...end].join("\n");
}

/** Whole lines as long as they fit, so that no tag or entity is ever cut. */
function fitting(lines: readonly string[], room: number): readonly string[] {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > room - more.length) return [...kept, more];
    kept.push(line);
  }
  return kept;
}

const errorLimit = 500;
export const idLimit = 200;

export const firstLine = (text: string): string =>
  clean(text.trimStart().split(/[\r\n]/, 1)[0] ?? "", errorLimit);

/** Without control characters and halves of characters, and no longer than `limit`. */
export function clean(text: string, limit: number): string {
  const shown = text.replace(/\p{Cc}/gu, " ");
  return (shown.length > limit ? `${shown.slice(0, limit)}${more}` : shown).toWellFormed();
}

/** `1 task`, `17 tasks`. */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;
