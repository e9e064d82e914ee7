// The browser of the walk: contexts that record breaches of the policy and requests to other origins, and logging in by a link.
import { pathToFileURL } from "node:url";
import { join } from "node:path";

// Modules are not looked up in NODE_PATH: the first argument is the folder with the packages.
export const modules = process.argv[2];
export const task = JSON.parse(process.argv[3]);
export const ownOrigin = new URL(task.base).origin;
const { chromium } = await import(pathToFileURL(join(modules, "playwright-core/index.mjs")));

// Milliseconds that a step may take on a busy machine.
const PATIENCE = 180_000;

export const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

// A context, and the requests of its pages to origins other than these.
export async function context(options, own = [ownOrigin]) {
  const made = await browser.newContext(options);
  made.setDefaultTimeout(PATIENCE);
  await made.addInitScript(() => {
    globalThis.breaches = [];
    document.addEventListener("securitypolicyviolation", (event) =>
      globalThis.breaches.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  const foreign = [];
  made.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (!own.includes(origin) && !request.url().startsWith("data:")) foreign.push(request.url());
  });
  return { made, foreign };
}

// Logs in by a login link; returns the session, for other contexts.
export async function logIn(link) {
  const { made } = await context({});
  const page = await made.newPage();
  await page.goto(link);
  await page.locator("main button[type=submit]").click();
  await page.waitForURL((url) => !url.pathname.endsWith("/inloglink"));
  const storageState = await made.storageState();
  await made.close();
  return storageState;
}
