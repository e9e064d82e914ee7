// What people do who use the keyboard alone, or switched JavaScript off.
import { browser, context, task } from "./browser.js";

// By keyboard alone: logs in, finds the link to the content first, and logs out.
export async function keyboard(link) {
  const { made } = await context({ locale: "nl-NL" });
  const page = await made.newPage();
  await page.goto(link);
  const press = async (wanted) => {
    for (let at = 0; at < 60; at += 1) {
      await page.keyboard.press("Tab");
      const text = await page.evaluate(() => {
        const element = document.activeElement;
        return element?.tagName === "BUTTON" ? element.textContent.trim() : null;
      });
      if (text === wanted) return page.keyboard.press("Enter");
    }
    throw new Error(`the button ${wanted} is not reached by the keyboard`);
  };
  await press("Inloggen");
  await page.waitForURL(`${task.base}/beheer`);
  await page.keyboard.press("Tab");
  const skip = await page.evaluate(() => document.activeElement?.getAttribute("href"));
  await press("Uitloggen");
  await page.waitForURL(`${task.base}/beheer/uitgelogd`);
  console.log(JSON.stringify({ keyboard: true, skip, title: await page.title() }));
  await made.close();
}

// With JavaScript switched off.
export async function plain(link) {
  const made = await browser.newContext({ javaScriptEnabled: false });
  const page = await made.newPage();
  await page.goto(link);
  await page.locator("main button[type=submit]").click();
  await page.waitForURL(`${task.base}/beheer`);
  const title = await page.title();
  await page.locator("header button[type=submit]").click();
  await page.waitForURL(`${task.base}/beheer/uitgelogd`);
  const after = await page.goto(`${task.base}/beheer`);
  console.log(JSON.stringify({ plain: true, title, after: new URL(after.url()).pathname }));
  await made.close();
}
