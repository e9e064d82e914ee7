// Pictures of the main pages, in Dutch, 1280 pixels wide: what a person sees without scrolling. Prints {"name", "status"} for each.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { context, logIn, task } from "./browser.js";
import { filled } from "./visits.js";

const PICTURES = [
  ["overzicht", "/beheer"],
  ["abonnementen", "/beheer/abonnementen"],
  ["abonnement", "/beheer/abonnementen/{subscription}"],
  ["bezorgingen", "/beheer/abonnementen/{subscription}/bezorgingen"],
  ["kanalen", "/beheer/kanalen"],
  ["goedkeuring", "/beheer/goedkeuringen/{approval}"],
  ["events", "/beheer/events"],
  ["event", "/beheer/events/{event}"],
  ["dead-letters", "/beheer/dead-letters"],
  ["configuratie", "/beheer/configuratie"],
];

export async function pictures({ link, places, folder }) {
  await mkdir(folder, { recursive: true });
  const { made } = await context({ storageState: await logIn(link), viewport: { width: 1280, height: 900 } });
  const page = await made.newPage();
  for (const [name, path] of PICTURES) {
    const url = new URL(filled(path, places), task.base);
    url.searchParams.set("taal", "nl");
    const answer = await page.goto(url.href);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    console.log(JSON.stringify({ name, status: answer.status() }));
  }
  await made.close();
}
