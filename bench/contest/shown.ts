/** A figure with three digits that count, or as many as stand before the point. */
export const shown = (value: number): string =>
  value < 100 ? value.toPrecision(3) : Math.round(value).toLocaleString("en-US");
