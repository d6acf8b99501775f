export { type CsvRow, readCsv, type ReadCsvOptions } from "./read-csv.ts";
