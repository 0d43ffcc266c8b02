// Walks the console with the keyboard against the fixture server and checks what an operator relies on.
//   npm run preview:fixtures -- --port 4517   then   node dev/journey.mjs [base address]
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const base = process.argv[2] ?? "http://127.0.0.1:4517";
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
const page = await context.newPage();
page.setDefaultTimeout(8000);
const writes = [];
page.on("request", (request) => { if (request.method() === "POST") writes.push({ path: new URL(request.url()).pathname, body: request.postDataJSON() }); });
const selected = () => page.locator("[role='option'][aria-selected='true'] .strong").first().innerText();
const toast = (text) => page.getByRole("status").getByText(text).first().waitFor();
const step = async (name, walk) => { await walk(); console.log(`ok  ${name}`); };

await page.goto(base);
await page.locator("[role='option']").first().waitFor();

await step("j and k move, and the pane follows", async () => {
  const first = await selected();
  await page.keyboard.press("j");
  const second = await selected();
  assert.notEqual(second, first);
  await page.getByRole("heading", { level: 2, name: second }).waitFor();
  await page.keyboard.press("k");
  assert.equal(await selected(), first);
});
await step("g then a letter goes there and never approves", async () => {
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.getByRole("heading", { level: 1, name: "People" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.locator("[role='option']").first().waitFor();
  assert.equal(writes.length, 0);
});
await step("a edited message sends only what was changed; the row leaves at once", async () => {
  const name = await selected();
  await page.keyboard.press("e");
  await page.getByLabel("Subject").fill("A word from us");
  await page.getByRole("button", { name: /Approve edited/ }).click();
  await toast(`Queued for ${name}`);
  const sent = writes.at(-1);
  assert.match(sent.path, /approve$/);
  assert.deepEqual(sent.body, { subject: "A word from us" });
  assert.notEqual(await selected(), name);
});
await step("Enter approves, and a block says why", async () => {
  await page.getByRole("option").filter({ hasText: "Priya" }).first().click();
  await page.keyboard.press("Enter");
  await toast("Blocked: consent was withdrawn");
});
await step("a refused approval brings the row back in its place", async () => {
  const rows = page.locator("[role='option'] .strong");
  await page.getByRole("option").filter({ hasText: "Elena" }).first().click();
  const before = await rows.allInnerTexts();
  await page.keyboard.press("a");
  await page.getByRole("status").getByText(/was not approved/).waitFor();
  await page.getByText("req_fixture_01").first().waitFor();
  assert.deepEqual((await rows.allInnerTexts()).slice(0, 5), before.slice(0, 5));
});
await step("x asks for the reason and sends it", async () => {
  const name = await selected();
  await page.keyboard.press("x");
  await page.getByRole("menuitem", { name: "Wrong offer" }).waitFor();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await toast(`Not now for ${name}`);
  assert.deepEqual(writes.at(-1).body, { reason: "wrong_offer" });
});
await step("a level that is not earned is refused by the arrow key too, and says what is missing", async () => {
  await page.goto(`${base}/autonomy`);
  const slider = page.getByRole("slider", { name: "Level of Renewal thanks" });
  await slider.focus();
  await page.keyboard.press("ArrowRight");
  const refused = page.getByRole("dialog", { name: "Level 1 is not open yet" });
  await refused.getByText("It must be proven").waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await slider.inputValue(), "0");
  assert.equal(await slider.evaluate((one) => one === document.activeElement), true);
});
await step("a personal phrase tells its evidence to the keyboard, and Escape closes only that", async () => {
  await page.goto(base);
  await page.getByRole("option").first().waitFor();
  await page.getByRole("tab", { name: "Message" }).click();
  await page.getByRole("article").getByRole("button").first().focus();
  await page.getByRole("tooltip").getByText("Zendesk #48211").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("tooltip").waitFor({ state: "detached" });
});
await step("/ searches, and letters typed there are only letters", async () => {
  const count = writes.length;
  await page.keyboard.press("/");
  await page.keyboard.type("axe");
  assert.equal(await page.locator("#ask-search").inputValue(), "axe");
  assert.equal(writes.length, count);
  await page.keyboard.press("Escape");
});
await step("the palette finds a person and goes there", async () => {
  await page.keyboard.press("Control+k");
  await page.keyboard.type("jonas");
  await page.getByRole("dialog").getByRole("option", { name: /Jonas/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/people\/\d+/);
  await page.getByRole("heading", { level: 1, name: /Jonas/ }).waitFor();
});
await step("an edge opens its evidence from the list", async () => {
  await page.getByRole("tab", { name: "List" }).click();
  await page.locator("button[aria-pressed='false']").first().click();
  await page.getByText("Read by").first().waitFor();
});
await step("a payout one requested oneself cannot be approved, and says so", async () => {
  await page.goto(`${base}/payouts?tab=payouts`);
  await page.locator("[data-row]").first().click();
  await page.getByText("Another person must approve it").first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Approve payout" }).isDisabled(), true);
});
await step("pairs are decided by keyboard, U takes back, and what the server refuses comes back", async () => {
  await page.goto(`${base}/people/review`);
  const chosen = () => page.locator("[role='option'][aria-selected='true']").getAttribute("aria-label");
  await page.getByText("12 left").waitFor();
  const first = await chosen();
  await page.keyboard.press("a");
  await page.getByText("11 left").waitFor();
  await page.keyboard.press("u");
  await page.getByText("12 left").waitFor();
  assert.equal(await chosen(), first);
  const before = writes.length;
  await page.waitForTimeout(6500);
  assert.equal(writes.length, before); // taken back: nothing was sent
  await page.keyboard.press("R");
  await page.getByText("11 left").waitFor();
  await page.waitForTimeout(6500);
  assert.match(writes.at(-1).path, /reject$/);
  const refused = await page.evaluate(async () => (await (await fetch("/api/identity/proposals?state=open")).json()).rows.find((row) => row.id === "504").a.name);
  await page.locator("[role='option']", { hasText: refused }).first().click();
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText(/the decision was not kept/).waitFor({ timeout: 12_000 });
  await page.getByText("11 left").waitFor();
});
await step("where money depends on it, a key alone joins nobody", async () => {
  const before = writes.length;
  await page.locator("[role='option']", { hasText: "money" }).first().click();
  await page.keyboard.press("a");
  await page.getByRole("dialog", { name: "Money depends on this" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Join them" }).isDisabled(), true);
  await page.keyboard.press("Enter"); // the way out has the focus
  await page.getByText("11 left").waitFor();
  assert.equal(writes.length, before);
});
await step("a record is unmerged in one click and comes back with one", async () => {
  await page.goto(`${base}/people`);
  await page.locator("[data-row]").first().click();
  await page.getByRole("tab", { name: /^Sources/ }).click();
  await page.getByRole("heading", { name: "4 records, one person" }).waitFor();
  await page.getByRole("button", { name: /^Unmerge the record Stripe/ }).click();
  await page.getByRole("heading", { name: "3 records, one person" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("heading", { name: "4 records, one person" }).waitFor();
});
await step("a broken letter is mended and goes through; the rest are retried while one watches", async () => {
  await page.goto(`${base}/sources?tab=dead-letters&reason=not_json&stage=decode`);
  await page.locator("[data-row]").first().click();
  await page.getByRole("button", { name: "Edit and retry" }).click();
  await page.getByLabel("The body, as it should have been").fill("{");
  assert.equal(await page.getByRole("button", { name: "Save and retry" }).isDisabled(), true);
  await page.getByLabel("The body, as it should have been").fill('{"type": "track"}');
  await page.getByRole("button", { name: "Save and retry" }).click();
  await toast("It went through");
  await page.getByRole("button", { name: /^Retry all/ }).click();
  await page.getByRole("progressbar", { name: "Retrying dead letters" }).waitFor();
  await toast(/of \d+ went through/);
});
await step("a system is connected, paused until it is started, and its first event is told", async () => {
  await page.goto(`${base}/sources/connect?with=hubspot`);
  await page.getByLabel("Name, as it appears in the list").fill("HubSpot South");
  await page.getByRole("textbox", { name: "Access token" }).fill("pat-eu1-x");
  await page.getByRole("button", { name: "Connect and test" }).click();
  assert.equal(writes.at(-1).body.start, false);
  await page.getByRole("button", { name: "Go on", exact: true }).click();
  await page.getByRole("button", { name: /That is right/ }).click();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.getByText("First event arrived").waitFor({ timeout: 15_000 });
  await page.getByRole("button", { name: "Pause the reading" }).click();
  await page.getByText(/^Paused at/).first().waitFor();
  await page.getByRole("button", { name: "Go on", exact: true }).click();
});
await step("when the server goes silent, what is shown says how old it is", async () => {
  await page.goto(`${base}/people`);
  await page.locator("[data-row]").first().waitFor();
  await page.route("**/api/**", (route) => route.abort());
  await page.getByRole("searchbox").fill("ma");
  await page.getByText(/cannot be reached|Last updated/).first().waitFor({ timeout: 15_000 });
});
await browser.close();
console.log("the journey is complete");
