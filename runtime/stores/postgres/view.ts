// A view for people's queries, who may want one: runs with what can be read of them as jsonb. Nothing of deflow reads it, and nothing is stored for it.
//
// Frames are text of JavaScript's data, some of which jsonb refuses (a NUL, half a surrogate pair, 1e400, great depth): such a value is null there.

import { namesIn } from "./names.ts";

/** Of `viewSql()`. */
export interface ViewOptions {
  /** Where the tables are; default "deflow". */
  readonly schema?: string;
  /** With `strands`: where each strand stands and its locals, in the frame's own notation. They may be secret. Default: false. */
  readonly locals?: boolean;
}

/**
 * SQL that makes the view `deflow_runs` in the schema, over tables that are there. It may be run again, and what is granted on the view stays; Postgres refuses it where the
 * view has columns that it would not have, those of `locals` say. Whoever is to query it needs `usage` on the schema and `select` on the view. @throws InvalidArgument for a name that no schema can have.
 */
export function viewSql({ schema = "deflow", locals = false }: ViewOptions = {}): string {
  const { of } = namesIn(schema);
  const strands = `,
  case jsonb_typeof(${of("jsonb")}(convert_from(r.frame, 'UTF8'))->'strands') when 'array' then ${of("jsonb")}(convert_from(r.frame, 'UTF8'))->'strands' end as strands`;
  return `create or replace function ${of("jsonb")}(given text) returns jsonb language plpgsql immutable strict as
$$begin return given::jsonb; exception when others then return null; end$$;

create or replace view ${of("runs")} as select
  r.id, r.flow, r.queue, r.priority, r.status, r.version,
  to_timestamp(r.created_at / 1000.0) as created_at, to_timestamp(r.updated_at / 1000.0) as updated_at,
  case when w.owner is null then to_timestamp(w.at / 1000.0) end as next_at,
  w.owner is not null as leased,
  coalesce(${of("jsonb")}(r.waits), '[]') as listens,
  (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(${of("jsonb")}(r.tags)) where key not like 'deflow:%') as index${locals ? strands : ""}
from ${of("run")} r left join ${of("wake")} w on w.run = r.place;
comment on view ${of("runs")} is 'Read only: what can be read of the runs, for queries.';
`;
}
