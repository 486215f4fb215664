import assert from "node:assert/strict";
import { existsSync } from "node:fs";
// The container's tests have it already.
import { type Browser, chromium, type Page } from "../../app/node_modules/playwright-core";
import { html as acceptanceHtml } from "../../tools/acceptance/render";
import { reportOf } from "../../tools/acceptance/report";
import { compare } from "../../tools/compare/comparison";
import { html } from "../../tools/compare/render/html";
import { page as dashboardHtml } from "../../tools/dashboard/page";
import { html as reportHtml } from "../../tools/report/render";
import { measuredLoads } from "../../tools/report/report";
import { wholeRun as acceptanceRun, steps } from "../support/acceptance";
import { load } from "../support/measured-load";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/opt/google/chrome/chrome",
];
const installed = process.env.CHROMIUM ?? places.find((place) => existsSync(place));

/** Contrast of every text with what is behind it, as WCAG works it out. In text: the types of a page are not those of a program. */
const measureContrasts = `(() => {
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/\\d+/g).slice(0, 3).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = luminance(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll("h1, h2, td, th, p, li, figcaption, .chart span")].map((element) => {
    const style = getComputedStyle(element);
    const ink = luminance(style.color);
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
  });
})()`;

/** Pairs of labels of one axis that lie on each other, and labels beyond the edge of the page. */
const findOverlaps = `(() => {
  const found = [];
  for (const axis of document.querySelectorAll(".chart .labels, .chart .below")) {
    const labels = [...axis.querySelectorAll("span")].map((label) => ({ text: label.textContent, box: label.getBoundingClientRect() }));
    for (const [index, { text, box }] of labels.entries()) {
      if (box.left < 0 || box.right > document.documentElement.clientWidth) found.push(text + " is beyond the edge");
      for (const { text: other, box: next } of labels.slice(index + 1))
        if (box.left < next.right && next.left < box.right && box.top < next.bottom && next.top < box.bottom)
          found.push(text + " and " + other);
    }
  }
  return found;
})()`;

/** Texts that a page has at least: one that lost its charts or its tables has fewer. */
const fewestTexts: Readonly<Record<string, number>> = { compare: 200, report: 200, dashboard: 150, acceptance: 150 };

const pages: Readonly<Record<string, () => Promise<string>>> = {
  compare: async () => html(await compare({ stack: "prod", hours: 730 })),
  dashboard: async () => dashboardHtml(),
  acceptance: async () => acceptanceHtml(reportOf(await acceptanceRun(), steps)),
  report: async () => {
    const comparison = await compare({ stack: "dev", hours: 730, loads: measuredLoads(load) });
    return reportHtml({ comparison, load }, { comparison, load });
  },
};

for (const [name, made] of Object.entries(pages))
  describe(`the page of ${name}${installed ? "" : " (skipped: no Chromium is installed; CHROMIUM names one elsewhere)"}`, function () {
    this.timeout(60_000);
    let browser: Browser;
    let page: Page;
    let content: string;
    const complaints: string[] = [];

    before(async function () {
      if (!installed) return this.skip();
      content = await made();
      browser = await chromium.launch({ executablePath: installed, args: ["--no-sandbox"] });
    });
    after(async () => browser?.close());

    async function open(options: Parameters<Browser["newPage"]>[0]) {
      page = await browser.newPage(options);
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => complaints.push(message.text()));
      page.on("request", (request) => complaints.push(request.url()));
      await page.setContent(content);
    }
    afterEach(async () => {
      await page.close();
      assert.deepEqual(complaints.splice(0), [], "words on the console, or requests to elsewhere");
    });

    const contrasts = () => page.evaluate<number[]>(measureContrasts);

    for (const colorScheme of ["light", "dark"] as const) {
      it(`can be read in ${colorScheme}: every text stands out 4.5 to 1`, async () => {
        await open({ colorScheme });
        const found = await contrasts();
        assert.ok(found.length >= (fewestTexts[name] ?? 0), `${found.length} texts`);
        assert.ok(Math.min(...found) >= 4.5, `${Math.min(...found)}`);
      });
    }

    it("has one heading of the first rank, names for its charts, and headers for rows and columns", async () => {
      await open({});
      assert.equal(await page.locator("h1").count(), 1);
      assert.equal(await page.locator("svg:not([role=img]), svg:not([aria-label])").count(), 0);
      assert.equal(await page.locator("th:not([scope])").count(), 0);
      assert.equal(await page.locator("html[lang]").count(), 1);
    });

    it("lets the keyboard reach every table, and shows where it is", async () => {
      await open({});
      const tables = await page.locator(".frame").count();
      const reached = new Set<string>();
      for (let count = 0; count < tables; count++) {
        await page.keyboard.press("Tab");
        reached.add(await page.evaluate<string>("document.activeElement.getAttribute('aria-label')"));
        const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
        assert.equal(outline, "solid");
      }
      assert.equal(reached.size, tables);
    });

    it("never scrolls sideways as a whole, not even on a phone", async () => {
      await open({ viewport: { width: 360, height: 800 } });
      assert.ok((await page.evaluate<number>("document.documentElement.scrollWidth")) <= 360);
    });

    it("keeps the labels of every axis apart, on a phone as well", async () => {
      for (const width of [360, 1000]) {
        await open({ viewport: { width, height: 800 } });
        assert.deepEqual(await page.evaluate<string[]>(findOverlaps), [], `${width} px`);
        await page.close();
      }
      await open({});
    });

    it("prints on white, whatever the screen likes", async () => {
      await open({ colorScheme: "dark" });
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      assert.equal(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
      assert.ok(Math.min(...(await contrasts())) >= 4.5);
    });
  });
