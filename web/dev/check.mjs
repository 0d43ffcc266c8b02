// Opens every screen of a served console in Chromium, light and dark, desk and phone, and fails on what
// no eye should have to find: axe violations, script errors, refused content, foreign hosts, sideways
// scrolling. Screenshots go to web/shots.
//   node dev/check.mjs [base address] [pattern, such as "people desk light"]
// CHROMIUM names the browser (default /usr/bin/chromium); COOKIE signs in to a real server ("name=value").
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const base = process.argv[2] ?? "http://127.0.0.1:4517";
const only = new RegExp(process.argv[3] ?? ".");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
mkdirSync("shots", { recursive: true });

const row = "[data-row], [role='option']";
const SCREENS = [
  ["ask-now", "/"],
  ["ask-open", "/", async (page) => { await page.locator("[role='option']").first().click(); await page.waitForTimeout(500); await page.locator("[aria-expanded='false']:visible", { hasText: /rule|model|statistic/ }).first().click({ timeout: 1500 }).catch(() => {}); }],
  ["ask-message", "/", async (page) => { await page.locator("[role='option']").first().click(); await page.getByRole("tab", { name: "Message" }).click(); }],
  ["ask-decision", "/", async (page) => { await page.locator("[role='option']").nth(1).click(); await page.getByRole("tab", { name: "Decision" }).click(); }],
  ["ask-not-now", "/", async (page) => { await page.locator("[role='option']").first().click(); await page.getByRole("button", { name: /^Not now/ }).click(); }],
  ["palette", "/", async (page) => { await page.keyboard.press("Control+k"); await page.keyboard.type("ma"); await page.waitForTimeout(500); }],
  ["help", "/", async (page) => { await page.keyboard.press("?"); }],
  ["people", "/people"],
  ["persona", "/people", async (page) => { await page.locator(row).first().click(); await page.waitForTimeout(700); }],
  ["persona-edge", "/people", async (page) => { await page.locator(row).first().click(); await page.getByRole("tab", { name: "List" }).click(); await page.locator("button[aria-pressed]").nth(1).click(); await page.waitForTimeout(400); }],
  ["outbox", "/outbox"],
  ["outbox-open", "/outbox", async (page) => { await page.locator(row).first().click(); await page.waitForTimeout(400); }],
  ["referrals", "/referrals"],
  ["referrals-open", "/referrals", async (page) => { await page.locator(row).nth(3).click(); }],
  ["payouts", "/payouts"],
  ["reward-open", "/payouts", async (page) => { await page.locator(row).first().click(); }],
  ["payouts-batch", "/payouts?tab=payouts"],
  ["payout-open", "/payouts?tab=payouts", async (page) => { await page.locator(row).first().click(); await page.waitForTimeout(300); }],
  ["ledger", "/payouts?tab=ledger", async (page) => { await page.locator("[aria-expanded='false'][class*='transfer']").first().click({ timeout: 1500 }).catch(() => {}); }],
  ["explain", "/payouts", async (page) => { await page.locator(row).first().click(); await page.getByRole("button", { name: "Explain" }).click(); await page.waitForTimeout(300); }],
  ["programs", "/programs"],
  ["lift", "/lift"],
  ["sources", "/sources"],
  ["dead-letters", "/sources?tab=dead-letters"],
  ["audit", "/audit"],
  ["missing", "/nowhere"],
];
const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const problems = [];
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce", hasTouch: size === "phone", bypassCSP: false });
    if (process.env.COOKIE) {
      const [name, ...value] = process.env.COOKIE.split("=");
      await context.addCookies([{ name, value: value.join("="), url: base }]);
    }
    for (const [name, path, act] of SCREENS) {
      if (!only.test(`${name} ${size} ${colorScheme}`)) continue;
      const page = await context.newPage();
      page.setDefaultTimeout(6000);
      const where = `${name} ${size} ${colorScheme}`;
      page.on("pageerror", (failure) => problems.push(`${where}: script error ${failure.message}`));
      page.on("console", (line) => { if (line.type() === "error" && !/404/.test(line.text())) problems.push(`${where}: ${line.text()}`); });
      page.on("request", (request) => { if (!request.url().startsWith(base) && !/^(data|blob|about):/.test(request.url())) problems.push(`${where}: asked ${request.url()}`); });
      await page.goto(base + path);
      await page.locator("main").waitFor({ timeout: 8000 }).catch(() => problems.push(`${where}: nothing was drawn`));
      await page.waitForTimeout(350);
      try {
        if (act) await act(page);
      } catch (failure) {
        problems.push(`${where}: ${String(failure).split("\n")[0]}`);
      }
      await page.waitForTimeout(250);
      await page.screenshot({ path: `shots/${name}-${size}-${colorScheme}.png` });
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (sideways > 0) problems.push(`${where}: scrolls sideways by ${sideways} px`);
      // Through the debugger, so that the page's own content policy stays in force.
      await page.evaluate(axeSource);
      const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] }));
      for (const violation of found.violations) {
        problems.push(`${where}: axe ${violation.id}: ${violation.nodes.slice(0, 2).map((node) => node.target.join(" ") + " | " + (node.any[0]?.message ?? node.all[0]?.message ?? "")).join("; ")}`);
      }
      await page.close();
    }
    await context.close();
  }
}
await browser.close();
if (problems.length > 0) {
  console.error([...new Set(problems)].join("\n"));
  process.exit(1);
}
console.log("every screen is clean");
