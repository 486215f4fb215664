/// <reference lib="dom" />
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Browser, chromium, type FileChooser, type Page } from "playwright-core";
import { ServerProcess } from "../support/server-process";

const photo = (name: string) => path.join(__dirname, "..", "..", "photos", name);
const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/opt/google/chrome/chrome",
];
const installed = process.env.CHROMIUM ?? places.find((place) => existsSync(place));

describe(`the page in a browser${installed ? "" : " (skipped: no Chromium is installed; CHROMIUM names one elsewhere)"}`, function () {
  // A browser on a busy machine drops an event now and then. A fault of the page fails twice.
  this.retries(1);
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;
  let url: string;
  let complaints: string[];

  before(async function () {
    if (!installed) return this.skip();
    server = await ServerProcess.ready({ PATH_PREFIX: "/models/cats" });
    url = await server.url();
    browser = await chromium.launch({ executablePath: installed, args: ["--no-sandbox"] });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    complaints = [];
    page = await browser.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("status of")) complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(`${url}/`);
  });
  afterEach(async () => {
    await page?.close();
    assert.deepEqual(complaints, [], "errors on the page, or requests to elsewhere");
  });

  const names = () => page.locator("#classes li span").allInnerTexts();
  const problem = () => page.locator("#problem:visible").innerText();

  it("shows five bars for a chosen photo, the best one first, as long as its share", async () => {
    await page.setInputFiles("#file", photo("panda.webp"));
    await page.waitForSelector("#classes li");
    assert.equal((await names()).length, 5);
    assert.match((await names())[0] ?? "", /^giant panda/);
    const [row, bar] = ["#classes li:first-child", "#classes li:first-child i"].map((one) => page.locator(one));
    await page.waitForFunction(() => document.getAnimations().length === 0);
    const share = ((await bar?.boundingBox())?.width ?? 0) / ((await row?.boundingBox())?.width ?? 1);
    const stated = Number.parseFloat(await page.locator("#classes li:first-child b").innerText()) / 100;
    assert.ok(Math.abs(share - stated) < 0.02, `${share} is not ${stated}`);
  });

  it("works under the prefix", async () => {
    await page.goto(`${url}/models/cats`);
    await page.setInputFiles("#file", photo("koala.webp"));
    await page.waitForSelector("#classes li");
    assert.match((await names())[0] ?? "", /^koala/);
  });

  for (const kind of ["drop", "paste"] as const) {
    it(`takes a photo by ${kind}`, async () => {
      await handOver(kind, "dog.webp");
      await page.waitForSelector("#classes li");
      assert.match((await names())[0] ?? "", /^German shepherd/);
    });
  }

  it("says what to do when a file is not a photo, and recovers with the next one", async () => {
    await page.setInputFiles("#file", photo("LICENSES.txt"));
    assert.match(await problem(), /not a photo the server can read/);
    assert.equal(await page.locator("#problem").getAttribute("role"), "alert");
    await page.setInputFiles("#file", photo("hens.webp"));
    await page.waitForSelector("#classes li");
    assert.equal(await page.locator("#problem").isVisible(), false);
  });

  it("classifies one of the photos it offers", async () => {
    await page.getByRole("button", { name: "Example: a bear" }).click();
    await page.waitForSelector("#classes li");
    assert.match((await names())[0] ?? "", /^giant panda/);
  });

  it("refuses a photo beyond the server's limit by itself, and sends nothing", async () => {
    let sent = 0;
    await page.route("**/predict", (route) => {
      sent++;
      return route.continue();
    });
    const large = { name: "large.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(11 * 1024 * 1024) };
    await page.setInputFiles("#file", large);
    assert.match(await problem(), /This photo has 11 MiB; the server takes up to 10\. Try a smaller one\./);
    assert.equal(sent, 0);
  });

  for (const [status, words] of [
    [503, /busy/],
    [413, /too large/],
    [500, /could not answer \(500/],
  ] as const) {
    it(`says in words what a ${status} means`, async () => {
      await page.route("**/predict", (route) => route.fulfill({ status, json: { error: "why" } }));
      await page.setInputFiles("#file", photo("hens.webp"));
      assert.match(await problem(), words);
    });
  }

  it("says so when the server cannot be reached", async () => {
    await page.route("**/predict", (route) => route.abort());
    await page.setInputFiles("#file", photo("hens.webp"));
    assert.match(await problem(), /cannot be reached/);
    complaints = complaints.filter((one) => !one.includes("ERR_FAILED"));
  });

  it("opens the file chooser from the keyboard, and shows where the focus is", async () => {
    // First of all: it takes Chromium a message to hand choosers over, which a key pressed at once can overtake.
    const chooser = new Promise<FileChooser>((resolve) => page.once("filechooser", resolve));
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "file");
    assert.notEqual(await page.locator("#drop").evaluate((drop) => getComputedStyle(drop).outlineStyle), "none");
    await page.keyboard.press("Enter");
    await (await chooser).setFiles(photo("koala.webp"));
    await page.waitForSelector("#classes li");
  });

  it("tells a screen reader the answer, and names its parts", async () => {
    await page.setInputFiles("#file", photo("panda.webp"));
    await page.waitForSelector("#classes li");
    assert.match(await page.getByRole("status").innerText(), /^giant panda, \d+\.\d %\.$/);
    assert.equal(await page.getByRole("region", { name: "The model sees" }).count(), 1);
    assert.equal(await page.getByLabel("Choose a photo").count(), 1);
    assert.equal(await page.getByRole("img", { name: "Your photo, panda.webp" }).count(), 1);
  });

  for (const [width, height] of [
    [320, 640],
    [390, 844],
    [1280, 800],
  ] as const) {
    for (const colorScheme of ["light", "dark"] as const) {
      it(`fits ${width} x ${height} pixels without scrolling sideways, readable in ${colorScheme}`, async () => {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.setViewportSize({ width, height });
        await page.setInputFiles("#file", photo("koala.webp"));
        await page.waitForSelector("#classes li");
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
        for (const selector of [
          "h1",
          "#about",
          "#note",
          "#classes li:nth-child(2) span",
          ".drop small",
          "#classes b",
        ]) {
          const ratio = await contrast(selector);
          assert.ok(ratio >= 4.5, `${selector} has a contrast of ${ratio}`);
        }
      });
    }
  }

  async function handOver(kind: "drop" | "paste", name: string): Promise<void> {
    const bytes = [...readFileSync(photo(name))];
    await page.evaluate(
      ([event, content]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(content as number[])], "photo.webp", { type: "image/webp" }));
        const options = { bubbles: true, cancelable: true };
        document.body.dispatchEvent(
          event === "drop"
            ? new DragEvent("drop", { ...options, dataTransfer: transfer })
            : new ClipboardEvent("paste", { ...options, clipboardData: transfer }),
        );
      },
      [kind, bytes] as const,
    );
  }

  /** WCAG's contrast of an element's text with the nearest background behind it. */
  function contrast(selector: string): Promise<number> {
    return page
      .locator(selector)
      .first()
      .evaluate((element) => {
        const channels = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
        const luminance = (color: string) => {
          const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        let behind: Element | null = element;
        while (behind && channels(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
        const text = luminance(getComputedStyle(element).color);
        const paper = luminance(getComputedStyle(behind ?? document.body).backgroundColor);
        return (Math.max(text, paper) + 0.05) / (Math.min(text, paper) + 0.05);
      });
  }
});
