// deflow/patterns: what can be said with the operations, ready made.

export { activities, activity, activityContext } from "./activity.ts";
export type { Activities, ActivitiesOptions, Activity, ActivityOptions } from "./activity.ts";
export { cancel } from "./cancel.ts";
export { within } from "./within.ts";
