/**
 * A number as people of an office write it, as SQL reads it; what is no number stays as it is, for a check to find.
 *
 * @example decimalText("1 234,56") // "1234.56"
 */
export function decimalText(text: string | null): string | null {
  const compact = (text ?? "").replaceAll(/[\s\u00a0\u202f']/g, "");
  const isGrouped = /^-?\d{1,3}(\.\d{3})+,\d+$/.test(compact);
  if (isGrouped) return compact.replaceAll(".", "").replace(",", ".");
  return /^-?\d+([.,]\d+)?$/.test(compact) ? compact.replace(",", ".") : text;
}
