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
const selected = () => page.locator("[role='option'][aria-selected='true'] .strong").innerText();
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
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await toast(`Not now for ${name}`);
  assert.deepEqual(writes.at(-1).body, { reason: "wrong_offer" });
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
  await page.getByRole("button", { name: /champion of/ }).click();
  await page.getByText("She pushed the rollout").first().waitFor();
});
await step("a payout one requested oneself cannot be approved, and says so", async () => {
  await page.goto(`${base}/payouts?tab=payouts`);
  await page.locator("[data-row]").first().click();
  await page.getByText("Another person must approve it").first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Approve payout" }).isDisabled(), true);
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
