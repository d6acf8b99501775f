/** What became of the rows that a load took: `rowsIn` is the sum of the other four. */
export interface LoadCounts {
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** Rows in `dq.rejected_rows`, those that wait for what they refer to included. */
  readonly rowsRejected: number;
  /** Rows that say what is stored already. */
  readonly rowsDuplicate: number;
  /** Rows that a rule leaves out. */
  readonly rowsFiltered: number;
}

/** The last row of every transform file; `bigint` comes as text. What a file never refuses or leaves out it does not count. */
export interface CountsRow {
  readonly rows_in: string;
  readonly rows_out: string;
  readonly rows_rejected?: string;
  readonly rows_filtered?: string;
}

export const noRows: LoadCounts = {
  rowsIn: 0,
  rowsOut: 0,
  rowsRejected: 0,
  rowsDuplicate: 0,
  rowsFiltered: 0,
};

/**
 * The counts of a transform; whatever it took and neither stored, refused nor left out was there already.
 *
 * @throws Error where it says what became of more rows than it took
 */
export function countsOf(row: CountsRow | undefined): LoadCounts {
  if (row === undefined) return noRows;
  const [rowsIn, rowsOut] = [Number(row.rows_in), Number(row.rows_out)];
  const rowsRejected = Number(row.rows_rejected ?? 0);
  const rowsFiltered = Number(row.rows_filtered ?? 0);
  const rowsDuplicate = rowsIn - rowsOut - rowsRejected - rowsFiltered;
  if (rowsDuplicate < 0) {
    throw new Error(
      `A load took ${rowsIn} rows and counted ${rowsIn - rowsDuplicate}: mend what its SQL counts.`,
    );
  }
  return { rowsIn, rowsOut, rowsRejected, rowsDuplicate, rowsFiltered };
}

/** Counts of a load that stores each of its rows. */
export const allStored = (rows: number): LoadCounts => ({ ...noRows, rowsIn: rows, rowsOut: rows });
