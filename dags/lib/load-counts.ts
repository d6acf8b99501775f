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

/** The last row of every transform file; `bigint` comes as text. */
export interface CountsRow {
  readonly rows_in: string;
  readonly rows_out: string;
  readonly rows_rejected: string;
  readonly rows_duplicate: string;
  readonly rows_filtered: string;
}

export const noRows: LoadCounts = {
  rowsIn: 0,
  rowsOut: 0,
  rowsRejected: 0,
  rowsDuplicate: 0,
  rowsFiltered: 0,
};

export const countsOf = (row: CountsRow | undefined): LoadCounts =>
  row === undefined
    ? noRows
    : {
        rowsIn: Number(row.rows_in),
        rowsOut: Number(row.rows_out),
        rowsRejected: Number(row.rows_rejected),
        rowsDuplicate: Number(row.rows_duplicate),
        rowsFiltered: Number(row.rows_filtered),
      };

/** Counts of a load that stores each of its rows. */
export const allStored = (rows: number): LoadCounts => ({ ...noRows, rowsIn: rows, rowsOut: rows });
