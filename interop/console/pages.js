// Walks the pages of one face of the console: those of a list of visits and those that they link to, in Dutch at 1280 pixels and in
// English at 320. Prints a line for each: {"visit": its number, "path", "form", "language", "width", "status", "expected", "tag",
// "title", "violations", "spacing", "policy", "foreign", "overflow", "executed", "bidi", "missing"}.
import { context, logIn, task } from "./browser.js";
import { examine, Found } from "./examine.js";
import { filled, VISITS } from "./visits.js";

// Opens the page of a visit; with a form also fills it in and sends it. Returns the last answer.
async function open(page, visit, path, language) {
  const url = new URL(path, task.base);
  url.searchParams.set("taal", language);
  const answer = await page.goto(url.href);
  if (!visit.press) return answer;
  for (const [name, value] of Object.entries(visit.fill ?? {})) {
    const field = page.locator(`main [name="${name}"]`).first();
    if (await field.evaluate((element) => element.tagName === "SELECT")) await field.selectOption(value);
    else await field.fill(value);
  }
  // The rules of the browser are switched off, so that those of the gateway are seen.
  await page.locator("main form").evaluateAll((forms) => forms.forEach((form) => { form.noValidate = true; }));
  const [sent] = await Promise.all([page.waitForNavigation(), page.locator(visit.press).first().click()]);
  return sent;
}

export async function walk({ link, start, visits, places, marks }) {
  const storageState = await logIn(link);
  const listed = VISITS[visits].map((visit) => ({ ...visit, path: filled(visit.path, places) }));
  const queue = [{ path: start }, ...listed];
  const pages = new Found(start, queue.filter((visit) => !visit.press).map((visit) => visit.path));
  for (const [width, language] of [[1280, "nl"], [320, "en"]]) {
    const { made, foreign } = await context({ storageState, viewport: { width, height: 900 } });
    const page = await made.newPage();
    for (let at = 0; at < queue.length; at += 1) {
      const visit = queue[at];
      foreign.length = 0;
      const answer = await open(page, visit, visit.path, language);
      const text = await page.evaluate(() => document.body.textContent);
      const missing = (visit.marks ?? []).map((name) => marks[name]).filter((mark) => !text.includes(mark));
      console.log(JSON.stringify({
        visit: at, path: visit.path, form: visit.press ?? null, language, width, status: answer.status(), expected: visit.status ?? 200,
        tag: await page.locator("html").getAttribute("lang"), ...await examine(page), foreign: [...foreign], missing,
      }));
      // What is found in the first round is visited in both.
      if (language === "nl") queue.push(...(await pages.add(page)).map((path) => ({ path })));
    }
    await made.close();
  }
}
