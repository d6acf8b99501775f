import { strToU8, zipSync } from "fflate";
import { money, randomOf } from "./draw.ts";
import type { FileOptions } from "./sample-files.ts";

const xml = (body: string): Uint8Array =>
  strToU8(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${body}`);
const mtime = new Date(2024, 0, 1);
const zipped = (files: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  zipSync(files, { mtime, level: 6 });
const main = "http://schemas.openxmlformats.org";
const relations = (type: string, target: string): Uint8Array =>
  xml(
    `<Relationships xmlns="${main}/package/2006/relationships"><Relationship Id="rId1" Type="${main}/officeDocument/2006/relationships/${type}" Target="${target}"/></Relationships>`,
  );
const contentTypes = (parts: readonly (readonly [string, string])[]): Uint8Array =>
  xml(
    `<Types xmlns="${main}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${parts
      .map(([name, type]) => `<Override PartName="${name}" ContentType="${type}"/>`)
      .join("")}</Types>`,
  );

type Cell = string | number;
const textCell = (value: string): string =>
  `t="inlineStr"><is><t xml:space="preserve">${value.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</t></is>`;
const cellXml = (value: Cell, row: number, column: number): string => {
  const place = `${String.fromCodePoint(65 + column)}${row}`;
  const content = typeof value === "number" ? `><v>${value}</v>` : textCell(value);
  return `<c r="${place}" ${content}</c>`;
};

/** A workbook of one sheet, its first row merged over all columns. */
function workbook(rows: readonly (readonly Cell[])[], columns: number): Uint8Array {
  const lines = rows.map(
    (row, index) =>
      `<row r="${index + 1}">${row.map((value, column) => cellXml(value, index + 1, column)).join("")}</row>`,
  );
  const last = String.fromCodePoint(64 + columns);
  return zipped({
    "[Content_Types].xml": contentTypes([
      [
        "/xl/workbook.xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
      ],
      [
        "/xl/worksheets/sheet1.xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
      ],
    ]),
    "_rels/.rels": relations("officeDocument", "xl/workbook.xml"),
    "xl/_rels/workbook.xml.rels": relations("worksheet", "worksheets/sheet1.xml"),
    "xl/workbook.xml": xml(
      `<workbook xmlns="${main}/spreadsheetml/2006/main" xmlns:r="${main}/officeDocument/2006/relationships"><sheets><sheet name="Report" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    ),
    "xl/worksheets/sheet1.xml": xml(
      `<worksheet xmlns="${main}/spreadsheetml/2006/main"><sheetData>${lines.join("")}</sheetData><mergeCells count="1"><mergeCell ref="A1:${last}1"/></mergeCells></worksheet>`,
    ),
  });
}

const header = [
  "spend_date",
  "channel",
  "campaign",
  "impressions",
  "clicks",
  "installs",
  "spend",
  "currency",
];
/** `tv` spends and brings no user; `organic` and `referral` bring users and spend nothing. */
const spenders = [
  ["search_ads", "USD", 900, 2_600],
  ["social_ads", "USD", 600, 1_700],
  ["blogger", "BYN", 800, 3_000],
  ["tv", "BYN", 6_000, 9_000],
] as const;

/** The agency's report of the week that ends with the day: a merged title, and some numbers typed as text. */
export function adReport({ seed, calendar, day, scale }: FileOptions): Uint8Array {
  const random = randomOf(seed, "ads", day);
  const size = Math.max(1, Math.floor(scale.users / 500));
  const rows: Cell[][] = [[`Advertising, week to ${calendar.date(day)}`], header];
  for (let back = 6; back >= 0; back -= 1) {
    for (const [channel, currency, low, high] of spenders) {
      const clicks = random.integer(40, 300) * size;
      const cents = random.integer(low, high) * size;
      rows.push([
        calendar.date(day - back),
        channel,
        "always on",
        clicks * 21,
        random.chance(0.3) ? ` ${clicks} ` : clicks,
        channel === "tv" ? 0 : Math.floor(clicks / 40),
        random.chance(0.3) ? money(cents).replace(".", ",") : Number(money(cents)),
        currency,
      ]);
    }
  }
  return workbook(rows, header.length);
}

/** A contract as a Word document. */
export function document(number: number, day: string): Uint8Array {
  const paragraphs = [
    `Contract No. ${number}`,
    `Signed on ${day}`,
    "The bank accepts payments in favour of the company and pays them out on the next business day.",
  ];
  const body = paragraphs.map((text) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`).join("");
  return zipped({
    "[Content_Types].xml": contentTypes([
      [
        "/word/document.xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
      ],
    ]),
    "_rels/.rels": relations("officeDocument", "word/document.xml"),
    "word/document.xml": xml(
      `<w:document xmlns:w="${main}/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
    ),
  });
}
