// Logs a person in with Keycloak twice. The first time the person logs out with the console, the second time at Keycloak alone.
// Prints {"shown": the header of the console, "breaches", "foreign", "end": where the log-out ended, "asked": whether Keycloak asked
// for a password at each log-in, "after": the page that the console showed after the log-out at Keycloak}.
import { context, ownOrigin, task } from "./browser.js";

// Longest a log-out at Keycloak may take to reach the gateway, in milliseconds.
const PATIENCE = 300_000;

export async function keycloak({ issuer, user, password }) {
  const { made, foreign } = await context({ locale: "nl-NL" }, [ownOrigin, new URL(issuer).origin]);
  made.setDefaultTimeout(PATIENCE);
  const page = await made.newPage();
  const asked = [];
  const logIn = async () => {
    await page.goto(`${task.base}/beheer?taal=nl`);
    await page.locator("main a.utrecht-button").click();
    const field = page.locator("#username");
    await Promise.race([field.waitFor(), page.waitForURL(`${task.base}/beheer**`)]);
    asked.push(await field.isVisible());
    if (asked.at(-1)) {
      await field.fill(user);
      await page.locator("#password").fill(password);
      await page.locator("#kc-login").click();
    }
    await page.waitForURL(`${task.base}/beheer**`);
  };

  await logIn();
  const shown = await page.locator("header").innerText();
  const breaches = await page.evaluate(() => globalThis.breaches);
  await page.locator("header button[type=submit]").click();
  await page.waitForURL(`${task.base}/beheer/uitgelogd`);
  breaches.push(...await page.evaluate(() => globalThis.breaches));
  await page.locator("main a.utrecht-button").click();
  await page.locator("#kc-logout").click();
  await page.waitForURL(`${task.base}/**`);
  const end = page.url();

  await logIn();
  await page.goto(`${issuer}/protocol/openid-connect/logout`);
  await page.locator("#kc-logout").click();
  await page.waitForLoadState();
  const deadline = Date.now() + PATIENCE;
  let after;
  do {
    await page.goto(`${task.base}/beheer`);
    after = new URL(page.url()).pathname;
  } while (after === "/beheer" && Date.now() < deadline);
  console.log(JSON.stringify({ shown, breaches, foreign, end, asked, after }));
  await made.close();
}
