// A parcel on its way: scanners report when they pass it, in any order of days; the recipient shows a code at the end.

import { context, deflow, listen } from "deflow";
import { z } from "zod";

export const scan = context("scan", z.object({ place: z.string() }));
export const handover = context("handover", z.object({ to: z.string() }));

export const tracking = deflow(async function tracking(code: string) {
  const places: string[] = [];
  while (places.at(-1) !== "depot") places.push((await listen(scan)).place);
  const { to } = await listen(handover, { permit: code });
  return `${places.join(" > ")} > ${to}`;
});
