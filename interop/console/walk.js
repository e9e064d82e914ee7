// A browser that logs in to the console and walks its pages. Arguments: the folder with the packages, and a task in JSON:
// {"base", "root"?, "views"?, "link"?, "provider"?, "paths"?, "forms"?, "recover"?, "second"?, "third"?, "fourth"?, "sink"?, "live"?,
// "pictures"?}. With a login link it walks every page that it finds from the root, /beheer or /portaal, and posts the forms, in
// each view (a width in pixels and a language; without "views" Dutch at 320 and English at 1280), and prints a line for each:
// {"path", "language", "width", "status", "title", "foreign", and what `examine` returns}. With "provider" it
// logs in there and out again, and prints one line of what it saw. With "live" it opens the live view, has an event published while
// that is open, and prints one line. With "recover" a subscriber works without JavaScript, and it prints one line. With "fourth" it
// creates a subscription by keyboard.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { browser, context, task } from "./browser.js";
import { create } from "./create.js";
import { examine, Found } from "./examine.js";

const root = task.root ?? "/beheer";

async function logInByLink(page) {
  await page.goto(task.link);
  await page.locator("main button[type=submit]").click();
  await page.waitForURL(`${task.base}${root}`);
}

// Prints what is wrong with the page that is shown.
async function report(page, foreign, path, language, width, status) {
  const findings = await examine(page);
  if (task.pictures) {
    await mkdir(task.pictures, { recursive: true });
    const name = `${path.replace(/[^a-z0-9]+/gi, "-")}-${language}-${width}.png`;
    await page.screenshot({ path: join(task.pictures, name), fullPage: true });
  }
  const tag = await page.locator("html").getAttribute("lang");
  console.log(JSON.stringify({ path, language, width, status, tag, ...findings, foreign: [...foreign] }));
}

// Posts a form with these fields by one of its buttons; returns the status of the answer.
async function submit(page, form, language) {
  const url = new URL(form.page, task.base);
  url.searchParams.set("taal", language);
  await page.goto(url.href);
  for (const [name, value] of Object.entries(form.fields)) await page.locator(`main [name="${name}"]`).fill(value);
  const posted = page.waitForResponse((answer) => answer.request().method() === "POST");
  await page.locator(form.button).click();
  const answer = await posted;
  await page.waitForLoadState();
  return answer.status();
}

async function walk() {
  const first = await context({});
  // Text that more space cuts off is noticed.
  const blank = await first.made.newPage();
  const cut = '<p style="height: 16px; font-size: 16px; line-height: 1; overflow: hidden">tekst</p>';
  await blank.setContent(`<!doctype html><html lang="nl"><head><title>x</title></head><body><main><h1>x</h1>${cut}</main></body></html>`);
  const { spacing } = await examine(blank);
  if (spacing.length !== 1) throw new Error(`text that is cut off is not noticed: ${spacing}`);
  await blank.close();
  await logInByLink(await first.made.newPage());
  const storageState = await first.made.storageState();
  await first.made.close();
  const start = [root, ...(task.paths ?? []), `${root}/inloggen`, `${root}/uitgelogd`, `${root}/nergens`];
  const pages = new Found(root, start);
  const views = task.views ?? [[320, "nl"], [1280, "en"]];
  for (const [index, [width, language]] of views.entries()) {
    const { made, foreign } = await context({ storageState, viewport: { width, height: 900 } });
    const page = await made.newPage();
    for (const path of pages) {
      foreign.length = 0;
      const url = new URL(path, task.base);
      url.searchParams.set("taal", language);
      const answer = await page.goto(url.href);
      await report(page, foreign, path, language, width, answer.status());
      // Links with moments are others a minute later: all views show what the first one found.
      if (index === 0) await pages.add(page);
    }
    for (const form of task.forms ?? []) {
      foreign.length = 0;
      const status = await submit(page, form, language);
      await report(page, foreign, `POST ${form.action}`, language, width, status);
    }
    await made.close();
  }
}

// Copies the command of a page by keyboard; returns what was announced and whether that is what the clipboard has.
async function copyByKeyboard(page) {
  await page.goto(`${task.base}/beheer/runs`);
  const command = page.locator("main details", { has: page.locator("[data-copy]") });
  await command.locator("summary").focus();
  for (const key of ["Enter", "Tab", "Enter"]) await page.keyboard.press(key);
  const status = page.locator("#kopie");
  await status.filter({ hasText: "Gekopieerd" }).waitFor({ state: "attached" });
  const [copied, shown] = [await page.evaluate(() => navigator.clipboard.readText()), await command.locator("[data-copy]").textContent()];
  return { announced: await status.textContent(), copied: copied === shown && shown.startsWith("curl ") };
}

// By keyboard alone: logs in, finds the link to the content first, copies a command, and logs out.
async function keyboard() {
  const { made } = await context({ locale: "nl-NL", permissions: ["clipboard-read", "clipboard-write"] });
  const page = await made.newPage();
  await page.goto(task.second);
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
  const copy = await copyByKeyboard(page);
  await press("Uitloggen");
  await page.waitForURL(`${task.base}/beheer/uitgelogd`);
  console.log(JSON.stringify({ keyboard: true, skip, ...copy, title: await page.title() }));
  await made.close();
}

// With JavaScript switched off.
async function plain() {
  const { made } = await context({ javaScriptEnabled: false });
  const page = await made.newPage();
  await page.goto(task.third);
  await page.locator("main button[type=submit]").click();
  await page.waitForURL(`${task.base}/beheer`);
  const title = await page.title();
  await page.locator("header button[type=submit]").click();
  await page.waitForURL(`${task.base}/beheer/uitgelogd`);
  const after = await page.goto(`${task.base}/beheer`);
  console.log(JSON.stringify({ plain: true, title, after: new URL(after.url()).pathname }));
  await made.close();
}

// With JavaScript switched off and by clicking only: a subscriber recovers after an outage, and makes a subscription. Every page
// of a form is examined too, in a second page that has JavaScript for axe.
async function subscriber() {
  const { made } = await context({ javaScriptEnabled: false, locale: "nl-NL" });
  const page = await made.newPage();
  let steps = 0;
  // Clicks, and waits for a text on the page that follows.
  const click = async (name, role, expected) => {
    await page.locator("main").getByRole(role, { name, exact: true }).first().click();
    steps += 1;
    await page.locator("main", { hasText: expected }).waitFor();
  };
  await page.goto(task.recover.link);
  await page.locator("main button[type=submit]").click();
  await page.waitForURL(`${task.base}/portaal`);
  await click("Herstellen na een storing", "link", "Tel de events");
  await page.locator("#abonnement").selectOption(task.recover.subscription);
  await page.locator("#van").fill("2000-01-01");
  await click("Tel de events", "button", "Bezorg opnieuw");
  const counted = await page.locator("main dl").innerText();
  await click("Bezorg opnieuw", "button", "De events worden opnieuw bezorgd.");
  const runs = await page.locator("main").innerText();
  await page.goto(`${task.base}/portaal/catalogus`);
  await page.locator("main a", { hasText: "Abonneren" }).first().click();
  await page.locator("#ontvanger").fill(task.recover.sink);
  const html = [await page.content()];
  for (const step of [2, 3, 4]) {
    await click("Verder", "button", `Stap ${step} van 4`);
    html.push(await page.content());
  }
  await click("Maak abonnement", "button", "Het abonnement is gemaakt.");
  const shown = await page.locator("main").innerText();
  await made.close();
  const { made: other } = await context({ bypassCSP: true, viewport: { width: 320, height: 900 } });
  const violations = [];
  for (const text of html) {
    const copy = await other.newPage();
    // Its style sheet is found from a page of the portal.
    await copy.goto(`${task.base}/portaal/uitgelogd`);
    await copy.setContent(text);
    violations.push(...(await examine(copy)).violations);
    await copy.close();
  }
  await other.close();
  console.log(JSON.stringify({ subscriber: true, steps, counted, runs, shown, violations }));
}

// Watches live: an event that is published while the view is open becomes a row; it pauses and is emptied.
async function live() {
  const { made } = await context({ locale: "nl-NL" });
  const page = await made.newPage();
  await page.goto(task.live.link);
  await page.locator("main button[type=submit]").click();
  await page.waitForURL(`${task.base}/beheer`);
  await page.goto(`${task.base}/beheer/live`);
  await page.locator("#starten").click();
  const state = (name) => page.waitForFunction((wanted) => {
    const view = document.getElementById("live");
    return document.getElementById("live-toestand").textContent === view.dataset[wanted];
  }, name);
  await state("running");
  const { url, token, event } = task.live;
  const headers = { "content-type": "application/cloudevents+json", authorization: `Bearer ${token}` };
  const published = await fetch(url, { method: "POST", headers, body: JSON.stringify(event) });
  const row = page.locator("#live tbody tr", { hasText: event.id });
  await row.first().waitFor();
  const shown = await row.first().innerText();
  const { violations, policy } = await examine(page);
  await page.locator("#pauzeren").click();
  await state("paused");
  await page.locator("#wissen").click();
  const left = await page.locator("#live tbody tr").count();
  // The end of the session is announced, and a button prolongs it.
  const late = await made.newPage();
  await late.clock.install();
  await late.goto(`${task.base}/beheer/over`);
  await late.clock.fastForward("13:30");
  await late.locator("#sessie-tekst", { hasText: "eindigt binnen 2 minuten" }).waitFor();
  violations.push(...(await examine(late)).violations);
  await late.locator("#sessie-blijven").click();
  await late.locator("#sessie").waitFor({ state: "hidden" });
  console.log(JSON.stringify({ live: true, published: published.status, shown, violations, policy, left }));
  await made.close();
}

// Logs in with the provider, and out at both.
async function provider() {
  const own = [new URL(task.base).origin, new URL(task.provider).origin];
  const { made, foreign } = await context({}, own);
  const page = await made.newPage();
  await page.goto(`${task.base}/beheer?taal=en`);
  const first = new URL(page.url()).pathname;
  await page.locator("main a.utrecht-button").click();
  await page.waitForURL(`${task.base}/beheer**`);
  const shown = await page.locator("header").innerText();
  const title = await page.title();
  const breaches = await page.evaluate(() => globalThis.breaches);
  let end = null;
  if (task.logOut) {
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

if (task.provider) await provider();
else {
  await walk();
  if (task.second) await keyboard();
  if (task.third) await plain();
  if (task.recover) await subscriber();
  if (task.live) await live();
  if (task.fourth) console.log(JSON.stringify(await create(task, context, examine)));
}
await browser.close();
