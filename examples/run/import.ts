// An import of a supplier's catalogue. Those who watch see how far it is, and find it by supplier and by state.

import { deflow, run, step } from "deflow";

export const shop = { save: async (_article: string, _key: string) => true };

export const importCatalogue = deflow(async function importCatalogue(supplier: string, articles: string[]) {
  run.index({ supplier, state: "importing", articles: articles.length });
  let rejected = 0;
  for (const [n, article] of articles.entries()) {
    run.progress(`${n} of ${articles.length}`);
    const saved = await step("save", ({ key }) => shop.save(article, key));
    if (!saved) {
      rejected++;
      run.log.warn(`rejected: ${article}`);
    }
  }
  run.index({ state: rejected > 0 ? "to check" : "done" });
  run.log("imported", { rejected });
  return `${run.id}: ${articles.length - rejected} articles`;
});
