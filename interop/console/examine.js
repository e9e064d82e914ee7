// Looks at the page that is shown: what is wrong with it, and which pages it links to.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { modules, ownOrigin } from "./browser.js";

const axe = await readFile(join(modules, "axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

// What is wrong with the page that is shown. "executed": markup of others ran; "bidi": text with a mark of direction that is not
// isolated from what follows it on its line.
export async function examine(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => axe.run(document, { runOnly: tags }), TAGS);
  const where = (violation) => violation.nodes.map((node) => `${node.target}: ${node.failureSummary}`).join("; ");
  return {
    title: await page.title(),
    violations: violations.map((violation) => `${violation.id}: ${where(violation)}`),
    ...await page.evaluate(() => {
      const bidi = [];
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const text = texts.currentNode;
        if (!/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(text.data)) continue;
        let element = text.parentElement;
        let isIsolated = false;
        while (!isIsolated && getComputedStyle(element).display === "inline") {
          isIsolated = /isolate|plaintext/.test(getComputedStyle(element).unicodeBidi);
          element = element.parentElement;
        }
        const isAlone = element.textContent.trim() === text.data.trim();
        if (!isIsolated && !isAlone && element.tagName !== "TEXTAREA") bidi.push(text.parentElement.outerHTML.slice(0, 200));
      }
      return {
        policy: globalThis.breaches,
        overflow: document.documentElement.scrollWidth > globalThis.innerWidth,
        executed: "executed" in globalThis,
        bidi,
      };
    }),
  };
}

// The pages of this face that a page links to, without their language. Links within the page are left out.
export async function links(page, start) {
  const found = await page.locator('a[href]:not([href^="#"], [download])').evaluateAll((all) => all.map((link) => link.href));
  return found.map((href) => new URL(href))
    .filter(({ origin, pathname }) => origin === ownOrigin && (pathname === start || pathname.startsWith(`${start}/`)))
    .filter(({ pathname }) => !pathname.includes("/oidc/") && !pathname.endsWith(".csv"))
    .map((url) => {
      url.searchParams.delete("taal");
      return url.pathname + url.search;
    });
}
