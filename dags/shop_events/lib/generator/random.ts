export { Random } from "../../../lib/random.ts";
