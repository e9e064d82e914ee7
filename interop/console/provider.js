// Logs in with a provider of OpenID Connect that asks nothing, and out at both. Prints one line of what it saw.
import { context, ownOrigin, task } from "./browser.js";

export async function provider({ provider: issuer, logOut }) {
  const { made, foreign } = await context({}, [ownOrigin, new URL(issuer).origin]);
  const page = await made.newPage();
  await page.goto(`${task.base}/beheer?taal=en`);
  const first = new URL(page.url()).pathname;
  await page.locator("main a.utrecht-button").click();
  await page.waitForURL(`${task.base}/beheer**`);
  const shown = await page.locator("header").innerText();
  const title = await page.title();
  const breaches = await page.evaluate(() => globalThis.breaches);
  let end = null;
  if (logOut) {
    await page.locator("header button[type=submit]").click();
    await page.waitForURL(`${task.base}/beheer/uitgelogd`);
    breaches.push(...await page.evaluate(() => globalThis.breaches));
    await page.locator("main a.utrecht-button").click();
    await page.waitForLoadState();
    end = page.url();
  }
  // Cookies of one host are shared by its ports: those of the provider are left out.
  const ours = (await made.cookies(task.base)).filter(({ name }) => name.startsWith("gw-beheer"));
  const cookies = ours.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }));
  console.log(JSON.stringify({ first, shown, title, breaches, foreign, end, cookies }));
  await made.close();
}
