/** The parts of the driver that are used, in its own names; see the documentation of node-oracledb 6 and later. */
export interface OracleDriver {
  readonly OUT_FORMAT_OBJECT: number;
  readonly STRING: unknown;
  readonly DB_TYPE_NUMBER: unknown;
  readonly DB_TYPE_DATE: unknown;
  readonly DB_TYPE_TIMESTAMP: unknown;
  readonly DB_TYPE_TIMESTAMP_TZ: unknown;
  readonly DB_TYPE_TIMESTAMP_LTZ: unknown;
  readonly DB_TYPE_CLOB: unknown;
  getConnection(attributes: {
    readonly user: string;
    readonly password: string;
    readonly connectString: string;
  }): Promise<OracleConnection>;
}

export interface OracleColumn {
  readonly name: string;
  readonly dbType: unknown;
}

export interface OracleFetchType {
  readonly type?: unknown;
  readonly converter?: (value: unknown) => unknown;
}

export interface OracleResultSet {
  getRows(count: number): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

export interface OracleConnection {
  execute(
    sql: string,
    binds: readonly unknown[],
    options: {
      readonly outFormat?: number;
      readonly resultSet?: boolean;
      readonly fetchArraySize?: number;
      readonly fetchTypeHandler?: (column: OracleColumn) => OracleFetchType | undefined;
    },
  ): Promise<{ readonly resultSet?: OracleResultSet | undefined }>;
  /** Stops the statement that runs. */
  break(): Promise<void>;
  close(): Promise<void>;
}
