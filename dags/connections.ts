import { clickhouse } from "@tidemill/tasks/clickhouse";
import { kafka } from "@tidemill/tasks/kafka";
import { postgres } from "@tidemill/tasks/postgres";

/** Every system that the DAGs reach; the address of each is `TIDEMILL_CONN_<ID>` at run time. */
export const shopEvents = postgres("shop_events");
export const events = kafka("kafka");
export const marts = clickhouse("clickhouse");
