// The jobs of an administrator, by clicking only and with JavaScript switched off. Every click, choice and field that is filled in
// is a step; logging in, and reading a page again until something has happened, are none. Prints a line for each job:
// {"job", "steps", "seen": what the pages showed}.
import { readFile } from "node:fs/promises";

import { context, logIn, task } from "./browser.js";

// Longest it may take until something has happened, in milliseconds.
const PATIENCE = 180_000;

// A person at a page, whose steps are counted.
class Person {
  constructor(page) {
    this.page = page;
    this.main = page.locator("main");
    this.steps = 0;
  }

  // Presses a link or button, and waits for a text on the page that follows.
  async press(role, name, expected, within = this.main) {
    await this.follow(within.getByRole(role, { name, exact: true }).first(), expected);
  }

  // Presses the link of a row of a table.
  async open(text, expected) {
    await this.follow(this.main.locator("tbody tr", { hasText: text }).first().getByRole("link").first(), expected);
  }

  async follow(element, expected) {
    this.steps += 1;
    await Promise.all([this.page.waitForEvent("load"), element.click()]);
    await this.main.filter({ hasText: expected }).waitFor();
  }

  // Chooses an entry of the main navigation.
  async navigate(name, expected) {
    await this.press("link", name, expected, this.page.locator("nav.utrecht-nav-bar"));
  }

  async fill(name, value) {
    this.steps += 1;
    await this.main.locator(`[name="${name}"]`).first().fill(value);
  }

  async choose(name, value) {
    this.steps += 1;
    await this.main.locator(`select[name="${name}"]`).selectOption(value);
  }

  async tick(name, value) {
    this.steps += 1;
    await this.main.locator(`[name="${name}"][value="${value}"]`).check();
  }

  // Reads the page again until it has a text.
  async until(text) {
    const end = Date.now() + PATIENCE;
    while (!(await this.read()).includes(text)) {
      if (Date.now() > end) throw new Error(`${this.page.url()} does not show: ${text}`);
      await this.page.waitForTimeout(200);
      await this.page.reload();
    }
  }

  async read() {
    return this.main.innerText();
  }
}

// A day in the time zone of the pages; `days` from today.
function day(days) {
  const at = new Date(Date.now() + days * 86_400_000);
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Amsterdam" }).format(at);
}

const JOBS = {
  // An event of this morning did not reach a municipality: why, and send it again.
  async missed(person, { municipality, receivers }) {
    await person.navigate("Abonnementen", "Nieuw abonnement");
    await person.fill("zoek", municipality);
    await person.press("button", "Toon", "1 abonnement");
    await person.press("link", municipality, "Laatste bezorgingen");
    await person.open("Geweigerd", "Uitkomst en de regel erachter");
    const why = await person.read();
    await fetch(`${receivers}/hersteld`, { method: "POST" });
    await person.press("button", "Bezorg dit event opnieuw", "Het event wordt opnieuw bezorgd.");
    await person.press("link", "Abonnement", "Laatste bezorgingen", person.page);
    await person.until("Bezorgd");
    return { why, end: await person.read() };
  },

  // All of a day that one receiver refused, again.
  async redrive(person, { municipality }) {
    await person.navigate("Dead letters", "Groepen");
    await person.press("link", "Toon deze groep", "Groepen", person.main.locator("tr", { hasText: municipality }));
    await person.fill("van", day(-1));
    await person.fill("tot", day(1));
    await person.press("button", "Toon", "Alles van dit filter opnieuw bezorgen");
    await person.press("link", "Alles van dit filter opnieuw bezorgen", "Om welke dead letters het gaat");
    const counted = await person.read();
    await person.press("button", /^Bezorg [\d.]+ opnieuw$/, "De events worden opnieuw bezorgd.");
    return { counted };
  },

  // A subscriber gets the events, and no more of each than it needs.
  async approve(person, { awaiting }) {
    await person.navigate("Goedkeuringen", "Wachtende verzoeken");
    await person.press("link", awaiting, "Uw beslissing");
    await person.choose("onthulling", "genoemde");
    await person.fill("kenmerken", "subject, time");
    await person.press("button", "Toon wat er dan uitgaat", "Met deze keuze");
    const preview = await person.read();
    await person.press("button", "Goedkeuren", "Het abonnement is goedgekeurd.");
    return { preview };
  },

  // A new subscriber whose receiver wants a token of OAuth 2, and a test.
  async subscribe(person, { receivers }) {
    await person.navigate("Abonnementen", "Nieuw abonnement");
    await person.press("link", "Nieuw abonnement", "Waarheen");
    await person.fill("ontvanger", `${receivers}/met-token`);
    await person.choose("soort", "oauth2");
    await person.press("button", "Toon de velden van deze soort", "Waarheen");
    await person.fill("token-adres", `${receivers}/token`);
    await person.fill("client", "gateway");
    await person.fill("client-geheim", "het geheim van de gateway");
    await person.tick("kanaal", "zaken");
    await person.fill("naam", "Met OAuth2");
    await person.press("button", "Opslaan", "Het abonnement is aangemaakt.");
    await person.until("Actief");
    await person.press("button", "Verstuur een testbericht", "Het staat in geen kanaal");
    return { end: await person.read() };
  },

  // A receiver is down: since when, and who is told.
  async outage(person, { down }) {
    await person.navigate("Overzicht", "Abonnementen die aandacht vragen");
    await person.until(down);
    const overview = await person.read();
    await person.press("link", down, "Wie een melding krijgt bij een storing");
    return { overview, end: await person.read() };
  },

  // Who changed a filter last week, as a file.
  async audit(person, { changed }) {
    await person.navigate("Logboek", "Regels van het logboek");
    await person.choose("actie", "subscription.change");
    await person.fill("van", day(-7));
    await person.fill("tot", day(0));
    await person.press("button", "Zoeken", "Exporteer");
    const row = person.main.locator("tbody tr", { hasText: changed }).first();
    person.steps += 1;
    await row.locator("summary").click();
    const line = await row.innerText();
    person.steps += 1;
    const [download] = await Promise.all([
      person.page.waitForEvent("download"),
      person.main.getByRole("link", { name: /als CSV$/ }).click(),
    ]);
    return { line, file: await readFile(await download.path(), "utf8") };
  },
};

export async function jobs({ link, ...facts }) {
  const storageState = await logIn(link);
  for (const [job, act] of Object.entries(JOBS)) {
    const { made } = await context({ storageState, javaScriptEnabled: false, locale: "nl-NL", acceptDownloads: true });
    const page = await made.newPage();
    await page.goto(`${task.base}/beheer?taal=nl`);
    const person = new Person(page);
    const seen = await act(person, facts);
    console.log(JSON.stringify({ job, steps: person.steps, seen }));
    await made.close();
  }
}
