// find as SQL: what is looked through, and in which order, is decided here and not left to a planner without statistics.
//
//   an index entry       deflow_tag (key, value, run)     the runs that have it, in order; the other filters at each
//   a context            deflow_wait (context, run)       the runs that listen for it
//   a status, a flow     deflow_run (status), (flow, status): for each status by itself, in order, at most `limit`; then merged
//   shapes               deflow_run (shape): the places of those that are of one of them, sorted
//   nothing              deflow_run, in order
//
// A page begins right after the place of the last one, so its cost does not grow with what came before, and no run is in two pages.

import type { Query, RunStatus } from "../../store.ts";
import type { Parameter } from "./driver.ts";
import { runColumns } from "../rows.ts";

interface Sql {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
}

type Condition = readonly [sql: string, ...parameters: Parameter[]];

const statuses: readonly RunStatus[] = ["queued", "running", "waiting", "compensating", "completed", "failed", "cancelled", "killed"];

export function findSql(query: Query): Sql {
  const { flow, status, index = {}, context, shapes, limit, after = 0 } = query;
  const [first, ...others] = Object.entries(index);
  const tags = others.map(([key, value]): Condition => ["exists (select 1 from deflow_tag where run = r.place and key = ? and value = ?)", key, JSON.stringify(value)]);
  const ofFlow: readonly Condition[] = flow === undefined ? [] : [["r.flow = ?", flow]];
  const ofStatus: readonly Condition[] = status === undefined ? [] : [["r.status in (select value from json_each(?))", JSON.stringify(status)]];
  const ofShape: readonly Condition[] = shapes === undefined ? [] : [["r.shape in (select value from json_each(?))", JSON.stringify(shapes)]];
  if (first !== undefined) {
    const [key, value] = first;
    const listens: readonly Condition[] = context === undefined ? [] : [["exists (select 1 from deflow_wait where run = r.place and context = ?)", context]];
    return select("deflow_tag d cross join deflow_run r on r.place = d.run", "d.run",
      [["d.key = ?", key], ["d.value = ?", JSON.stringify(value)], ["d.run > ?", after], ...tags, ...listens, ...ofFlow, ...ofStatus, ...ofShape], limit);
  }
  if (context !== undefined) {
    return select("deflow_wait d cross join deflow_run r on r.place = d.run", "d.run", [["d.context = ?", context], ["d.run > ?", after], ...ofFlow, ...ofStatus, ...ofShape], limit);
  }
  if (shapes !== undefined) return ofPlaces([...ofShape, ["r.place > ?", after], ...ofFlow, ...ofStatus], limit);
  if (flow === undefined && status === undefined) return select("deflow_run r", "r.place", [["r.place > ?", after]], limit);
  const source = `deflow_run r indexed by ${flow === undefined ? "deflow_run_status" : "deflow_run_flow"}`;
  return merged([...new Set(status ?? statuses)].map((one) => select(source, "r.place", [...ofFlow, ["r.status = ?", one], ["r.place > ?", after]], limit)), limit);
}

function select(source: string, order: string, conditions: readonly Condition[], limit: number): Sql {
  return {
    sql: `select ${runColumns} from ${source} left join deflow_wake w on w.run = r.place
      where ${conditions.map(([sql]) => sql).join(" and ")} order by ${order} limit ?`,
    parameters: [...conditions.flatMap(([, ...parameters]) => parameters), limit],
  };
}

/** Only places are sorted. */
function ofPlaces(conditions: readonly Condition[], limit: number): Sql {
  const places = `select r.place from deflow_run r indexed by deflow_run_shape where ${conditions.map(([sql]) => sql).join(" and ")} order by r.place limit ?`;
  return {
    sql: `select ${runColumns} from (${places}) d cross join deflow_run r on r.place = d.place left join deflow_wake w on w.run = r.place order by d.place`,
    parameters: [...conditions.flatMap(([, ...parameters]) => parameters), limit],
  };
}

/** Of several selects, each in order and short. */
function merged(selects: readonly Sql[], limit: number): Sql {
  const [only, ...more] = selects;
  if (only !== undefined && more.length === 0) return only;
  if (only === undefined) return select("deflow_run r", "r.place", [["r.place < 0"]], limit);
  return {
    sql: `select * from (${selects.map(({ sql }) => `select * from (${sql})`).join(" union all ")}) order by place limit ?`,
    parameters: [...selects.flatMap(({ parameters }) => parameters), limit],
  };
}
