// Looks at the page that is shown: what is wrong with it, and which pages it links to that are worth a visit.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { modules, ownOrigin } from "./browser.js";

const axe = await readFile(join(modules, "axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

// The spacing of text that a person may choose (WCAG 1.4.12): lines, paragraphs, letters and words.
const SPACING = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }`;

// What is lost with that spacing: text that its element cuts off, and a page that is wider than the window. The style is put on the
// document and taken off again; the policy of the pages does not block a style sheet that a person adds.
async function spaced(page) {
  return page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    const lost = [];
    for (const element of document.body.querySelectorAll("*")) {
      const style = getComputedStyle(element);
      // What only a screen reader reads is 1 pixel on purpose, and a field or a scrolling region shows the rest when it is moved.
      if (element.clientWidth <= 1 || element.clientHeight <= 1 || element.closest("svg, input, select, textarea")) continue;
      const cuts = [[style.overflowX, element.scrollWidth - element.clientWidth], [style.overflowY, element.scrollHeight - element.clientHeight]];
      if (cuts.some(([overflow, rest]) => /^(hidden|clip)$/.test(overflow) && rest > 1)) lost.push(element.outerHTML.slice(0, 200));
    }
    for (const button of document.body.querySelectorAll("button, .utrecht-button")) {
      if (button.clientHeight > 1 && button.scrollHeight > button.clientHeight + 1) lost.push(button.outerHTML.slice(0, 200));
    }
    if (document.documentElement.scrollWidth > globalThis.innerWidth) lost.push(`the page is ${document.documentElement.scrollWidth} pixels wide`);
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((own) => own !== sheet);
    return lost;
  }, SPACING);
}

// What is wrong with the page that is shown. "spacing": what is lost with more space between lines, words and letters; "executed": markup of others ran; "bidi": text with a mark of direction that is not
// isolated from what follows it on its line.
export async function examine(page) {
  await page.evaluate(axe);
  const options = { runOnly: TAGS, resultTypes: ["violations"], preload: false };
  const { violations } = await page.evaluate((given) => axe.run(document, given), options);
  const where = (violation) => violation.nodes.map((node) => `${node.target}: ${node.failureSummary}`).join("; ");
  return {
    title: await page.title(),
    violations: violations.map((violation) => `${violation.id}: ${where(violation)}`),
    spacing: await spaced(page),
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

// Most pages that are visited only because others link to them.
const MOST_FOUND = 150;
// Most of them of one kind: two events look the same to axe.
const MOST_OF_A_KIND = 2;

// The pages of one face (/beheer or /portaal): those given at first, and those found by links since. Iterating visits also what is
// added meanwhile.
export class Found {
  #root;
  #paths;
  #kinds = new Map();
  #found = 0;

  constructor(root, paths) {
    this.#root = root;
    this.#paths = new Set(paths);
  }

  [Symbol.iterator]() {
    return this.#paths.values();
  }

  // Adds the pages that this page links to; returns those that are new.
  async add(page) {
    const added = [];
    for (const path of await links(page, this.#root)) {
      const count = this.#kinds.get(kind(path)) ?? 0;
      if (this.#paths.has(path) || count >= MOST_OF_A_KIND || this.#found >= MOST_FOUND) continue;
      this.#kinds.set(kind(path), count + 1);
      this.#paths.add(path);
      this.#found += 1;
      added.push(path);
    }
    return added;
  }
}

// The kind of a page: its path without ids, and the names of its parameters.
function kind(path) {
  const { pathname, searchParams } = new URL(path, ownOrigin);
  const words = pathname.split("/").map((word) => (/^[a-z-]{0,30}$/.test(word) ? word : "*"));
  return `${words.join("/")}?${[...new Set(searchParams.keys())].sort().join("&")}`;
}

// The pages of this face that a page links to, without their language. Links within the page are left out.
async function links(page, start) {
  const found = await page.locator('a[href]:not([href^="#"], [download])').evaluateAll((all) => all.map((link) => link.href));
  return found.map((href) => new URL(href))
    .filter(({ origin, pathname }) => origin === ownOrigin && (pathname === start || pathname.startsWith(`${start}/`)))
    .filter(({ pathname }) => !pathname.includes("/oidc/") && !pathname.endsWith(".csv"))
    .map((url) => {
      url.searchParams.delete("taal");
      return url.pathname + url.search;
    });
}
