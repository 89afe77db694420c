// Product texts in several languages, by a translator that is slow, and a proofreader who must not be paid twice.

import { deflow } from "deflow";
import { activities, activity, activityContext } from "deflow/patterns";

class Translator {
  readonly url = "https://translator.example";

  async translate(text: string, language: string): Promise<string> {
    const { key, signal } = activityContext();
    const answer = await fetch(`${this.url}/${language}`, { method: "POST", body: text, headers: { "Idempotency-Key": key }, signal });
    if (!answer.ok) throw new Error(`The translator says ${answer.status}`);
    return await answer.text();
  }
}

const translator = activities("translator", new Translator(), { retry: 5, timeout: "1 minute" });
const proofread = activity("proofread", async (text: string) => `${text} ✓`, { idempotent: false });

export const localise = deflow(async function localise(text: string, languages: string[]) {
  const texts = await Promise.all(languages.map((language) => translator.translate(text, language)));
  return await proofread(texts.join("\n"));
});
