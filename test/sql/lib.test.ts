import { describeSqlFiles } from "../helpers/pipeline-sql.ts";

describeSqlFiles("sql/lib");
