// Creates a subscription by keyboard alone: with a fault first, then with a kenmerk, another row and a preview. Returns what is wrong
// with each page, and which element had the focus.
export async function create(task, context, examine) {
  const { made } = await context({ locale: "nl-NL" });
  const page = await made.newPage();
  // The element with the focus after the next Tab that `wanted` accepts.
  const reach = async (wanted, what) => {
    for (let at = 0; at < 200; at += 1) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(wanted, what)) return;
    }
    throw new Error(`${what} is not reached by the keyboard`);
  };
  const named = (name) => document.activeElement?.getAttribute("name") === name;
  const reads = (text) => document.activeElement?.textContent.trim() === text;
  const button = (text) => document.activeElement?.tagName === "BUTTON" && document.activeElement.textContent.trim() === text;
  await page.goto(task.fourth);
  await reach(button, "Inloggen");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${task.base}/beheer`);
  await reach(reads, "Abonnementen");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${task.base}/beheer/abonnementen`);
  await reach(reads, "Nieuw abonnement");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${task.base}/beheer/abonnementen/nieuw`);
  await reach(named, "ontvanger");
  await page.keyboard.type("geen adres");
  await page.keyboard.press("Enter");
  await page.locator("#fouten").waitFor();
  const wrong = { ...await examine(page), focus: await page.evaluate(() => document.activeElement?.id) };
  await reach(named, "ontvanger");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(task.sink);
  await reach(named, "kenmerk");
  await page.keyboard.type("zaaktype");
  await reach(named, "kenmerk-waarde");
  await page.keyboard.type("x");
  const more = (id) => document.activeElement?.getAttribute("value") === id;
  await reach(more, "kenmerken");
  await page.keyboard.press("Enter");
  await page.waitForURL(/formulier/);
  const rows = { ...await examine(page), focus: await page.evaluate(() => document.activeElement?.id) };
  await reach(more, "voorbeeld");
  await page.keyboard.press("Enter");
  await page.locator("#voorbeeld").waitFor();
  const preview = { ...await examine(page), focus: await page.evaluate(() => document.activeElement?.id) };
  await reach(named, "naam");
  await page.keyboard.type("Met het toetsenbord");
  await page.keyboard.press("Enter");
  await page.waitForURL(/gedaan=abonnement-aangemaakt/);
  const end = { ...await examine(page), url: page.url() };
  await made.close();
  return { create: true, wrong, rows, preview, end };
}
