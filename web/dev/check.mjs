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
  ["ask-phrase", "/", async (page) => { await page.locator("[role='option']").first().click(); await page.getByRole("tab", { name: "Message" }).click(); await page.getByText("personal phrase").click(); await page.getByRole("article").getByRole("button").first().focus(); await page.getByRole("tooltip").waitFor(); }],
  ["ask-edit", "/", async (page) => { await page.locator("[role='option']").first().click(); await page.getByRole("button", { name: /^Edit/ }).click(); }],
  ["ask-experts", "/", async (page) => { await page.locator("[role='option']").nth(1).click(); await page.getByRole("tab", { name: "Experts" }).click(); await page.waitForTimeout(300); }],
  ["ask-empty", "/", null, "empty"],
  ["ask-loading", "/", null, "slow"],
  ["advocates", "/people/advocates"],
  ["advocates-filtered", "/people/advocates?stage=value&min=50"],
  ["advocate-open", "/people/advocates", async (page) => { await page.locator(row).first().click(); await page.getByRole("dialog").waitFor(); await page.waitForTimeout(400); }],
  ["advocates-none", "/people/advocates?q=zzz"],
  ["advocates-empty", "/people/advocates", null, "empty"],
  ["advocates-failing", "/people/advocates", null, "failing"],
  ["advocates-loading", "/people/advocates", null, "slow"],
  ["advocates-stale", "/people/advocates", async (page) => { await page.locator(row).first().waitFor(); await goSilent(page); }],
  ["playbooks", "/playbooks"],
  ["playbooks-empty", "/playbooks", null, "empty"],
  ["playbooks-failing", "/playbooks", null, "failing"],
  ["playbooks-loading", "/playbooks", null, "slow"],
  ["playbooks-stale", "/playbooks", async (page) => { await page.getByRole("table").waitFor(); await goSilent(page); }],
  ["playbook", "/playbooks/renewal-mid-market-fintech"],
  ["playbook-edit", "/playbooks/renewal-mid-market-fintech", async (page) => { const step = page.getByRole("article", { name: "Renewal thanks" }); await step.getByRole("button", { name: "Change how often" }).click(); await step.getByLabel("Days between two asks").fill("60"); await step.getByRole("button", { name: "Change when and whom to ask" }).click(); }],
  ["playbook-edit-offers", "/playbooks/value-enterprise-health", async (page) => { const step = page.getByRole("article").first(); await step.getByRole("button", { name: "Change the offer" }).click(); await step.getByRole("button", { name: "beta access", exact: true }).click(); await page.getByRole("button", { name: "Put in force" }).click(); }],
  ["playbook-dry", "/playbooks/renewal-mid-market-fintech?tab=dry-run", async (page) => { await page.getByText(/days it would have asked/).waitFor(); }],
  ["playbook-dry-none", "/playbooks/renewal-mid-market-fintech?tab=dry-run", null, "empty"],
  ["playbook-versions", "/playbooks/renewal-mid-market-saas?tab=versions", async (page) => { await page.getByRole("button", { name: "What changed" }).first().click(); await page.waitForTimeout(300); }],
  ["playbook-back", "/playbooks/renewal-mid-market-saas?tab=versions", async (page) => { await page.getByRole("button", { name: "Go back to this" }).first().click(); await page.waitForTimeout(300); }],
  ["playbook-missing", "/playbooks/nothing"],
  ["experiments", "/experiments"],
  ["experiments-empty", "/experiments", null, "empty"],
  ["experiments-failing", "/experiments", null, "failing"],
  ["experiments-loading", "/experiments", null, "slow"],
  ["experiment", "/experiments/referrals"],
  ["experiment-money", "/experiments/revenue", async (page) => { await page.getByText("As a table").click(); await page.getByText("How to read").click(); }],
  ["experiment-early", "/experiments/step-renewal-thanks"],
  ["experiment-worse", "/experiments/step-win-back"],
  ["experiment-stale", "/experiments/referrals", async (page) => { await page.getByRole("figure").waitFor(); await goSilent(page); }],
  ["growth", "/experiments?tab=growth"],
  ["growth-empty", "/experiments?tab=growth", null, "empty"],
  ["autonomy", "/autonomy"],
  ["autonomy-empty", "/autonomy", null, "empty"],
  ["autonomy-failing", "/autonomy", null, "failing"],
  ["autonomy-loading", "/autonomy", null, "slow"],
  ["autonomy-stale", "/autonomy", async (page) => { await page.locator(row).first().waitFor(); await goSilent(page); }],
  ["autonomy-step", "/autonomy", async (page) => { await page.locator(row).first().click(); await page.getByRole("dialog").waitFor(); }],
  ["autonomy-refused", "/autonomy", async (page) => { await page.getByRole("slider").nth(1).fill("2"); await page.getByText("What is missing").waitFor(); }],
  ["autonomy-raise", "/autonomy", async (page) => { await page.getByRole("slider").nth(4).fill("1"); await page.getByRole("button", { name: "Raise to level 1" }).waitFor(); }],
  ["autonomy-stop", "/autonomy", async (page) => { await page.getByRole("button", { name: "Stop everything" }).click(); }],
  ["autonomy-history", "/autonomy?tab=history"],
  ["experts", "/autonomy?tab=experts"],
  ["expert", "/autonomy?tab=experts", async (page) => { await page.locator(row).first().click(); await page.getByRole("dialog").waitFor(); await page.waitForTimeout(300); }],
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
  ["programs-empty", "/programs", null, "empty"],
  ["programs-failing", "/programs", null, "failing"],
  ["programs-loading", "/programs", null, "slow"],
  ["programs-stale", "/programs", async (page) => { await page.getByRole("article").first().waitFor(); await goSilent(page); }],
  ["program-new", "/programs/new"],
  ["program", "/programs/customer-referrals"],
  ["program-edit", "/programs/customer-referrals", async (page) => { await page.getByRole("button", { name: "another group" }).click(); await page.getByText("Draft kept").waitFor(); }],
  ["program-menu", "/programs/customer-referrals", async (page) => { await page.getByRole("button", { name: "Options of Enterprise" }).click(); }],
  ["program-simulate", "/programs/partner-commission?tab=simulate", async (page) => { await page.getByRole("button", { name: "Try it" }).click(); await page.getByText("these rules would have cost").waitFor(); }],
  ["program-simulate-none", "/programs/partner-commission?tab=simulate", async (page) => { await page.getByRole("button", { name: "Try it" }).click(); await page.getByText("Nothing to replay").waitFor(); }, "empty"],
  ["program-versions", "/programs/customer-referrals?tab=versions", async (page) => { await page.getByRole("button", { name: "What changed" }).first().click(); await page.waitForTimeout(300); }],
  ["program-back", "/programs/customer-referrals?tab=versions", async (page) => { await page.getByRole("button", { name: "Go back to this" }).first().click(); await page.waitForTimeout(300); }],
  ["program-yaml", "/programs/customer-referrals?tab=yaml", async (page) => { await page.getByRole("textbox", { name: "The program as YAML" }).fill("nothing"); await page.getByRole("button", { name: "Keep as draft" }).click(); await page.getByRole("alert").waitFor(); }],
  ["program-waits", "/programs/partner-commission"],
  ["taking", "/programs/taking-part"],
  ["taking-application", "/programs/taking-part", async (page) => { await page.locator(row).first().click(); await page.getByText("What they answered").waitFor(); }],
  ["taking-note", "/programs/taking-part", async (page) => { await page.getByRole("button", { name: "Note one" }).click(); }],
  ["taking-decline", "/programs/taking-part", async (page) => { await page.locator(row).first().click(); await page.getByRole("button", { name: "Decline" }).click(); await page.getByText("Another partner covers this region.").last().click(); }],
  ["taking-acts", "/programs/taking-part?tab=acts&state=all"],
  ["taking-act", "/programs/taking-part?tab=acts", async (page) => { await page.locator(row).first().click(); await page.getByText("What a yes gives").waitFor(); }],
  ["taking-refused", "/programs/taking-part?tab=acts", async (page) => { await page.getByRole("button", { name: "Hand one in" }).click(); await page.getByRole("list", { name: "Advocates found" }).getByRole("button").first().click(); await page.getByLabel("Proof: a link to it").fill("https://reviews.example/1"); await page.getByRole("button", { name: "Hand it in" }).click(); await page.getByRole("alert").waitFor(); }],
  ["taking-deals", "/programs/taking-part?tab=deals&state=all"],
  ["taking-deal", "/programs/taking-part?tab=deals", async (page) => { await page.locator(row).first().click(); await page.getByText("How it moved").waitFor(); }],
  ["taking-move", "/programs/taking-part?tab=deals&state=open", async (page) => { await page.locator(row).first().click(); await page.getByRole("button", { name: "Move to another stage" }).click(); }],
  ["taking-register", "/programs/taking-part?tab=deals", async (page) => { await page.getByRole("button", { name: "Register one" }).click(); await page.waitForTimeout(300); }],
  ["taking-none", "/programs/taking-part?program=customer-referrals&tab=deals"],
  ["taking-empty", "/programs/taking-part", null, "empty"],
  ["taking-failing", "/programs/taking-part", null, "failing"],
  ["taking-loading", "/programs/taking-part", null, "slow"],
  ["taking-stale", "/programs/taking-part", async (page) => { await page.locator(row).first().waitFor(); await goSilent(page); }],
  ["program-missing", "/programs/nothing"],
  ["fraud", "/referrals/fraud", async (page) => { await page.locator(row).first().waitFor(); await page.waitForTimeout(300); }],
  ["fraud-open", "/referrals/fraud", async (page) => { await page.locator(row).nth(1).click(); await page.waitForTimeout(300); await page.getByText("In words").first().click(); }],
  ["fraud-bulk", "/referrals/fraud", async (page) => { await page.getByRole("checkbox").nth(1).check(); await page.getByRole("checkbox").nth(2).check(); }],
  ["fraud-undo", "/referrals/fraud?shape=cycle", async (page) => { await page.locator(row).first().click(); await page.getByRole("button", { name: /^Honest/ }).click(); await page.getByRole("button", { name: "Undo" }).click(); }],
  ["fraud-rules", "/referrals/fraud?state=rules"],
  ["fraud-empty", "/referrals/fraud", null, "empty"],
  ["fraud-failing", "/referrals/fraud", null, "failing"],
  ["fraud-loading", "/referrals/fraud", null, "slow"],
  ["fraud-stale", "/referrals/fraud", async (page) => { await page.locator(row).first().waitFor(); await goSilent(page); }],
  ["credit", "/referrals/credit"],
  ["credit-open", "/referrals/credit", async (page) => { await page.locator(row).first().click(); await page.getByText("What led to the sale").waitFor(); }],
  ["credit-none", "/referrals/credit?state=none", async (page) => { await page.locator(row).first().click(); await page.getByText("What led to the sale").waitFor(); }],
  ["credit-dispute", "/referrals/credit?state=credited", async (page) => { await page.locator(row).first().click(); await page.getByRole("button", { name: "Record a dispute" }).click(); }],
  ["credit-decide", "/referrals/credit?state=disputed", async (page) => { await page.locator(row).first().click(); await page.getByRole("button", { name: "Decide the credit" }).click(); await page.getByText("Share it").click(); await page.getByText("All of it to one").click(); await page.getByRole("button", { name: "See what it changes" }).click(); await page.getByRole("table", { name: "" }).last().waitFor(); }],
  ["credit-empty", "/referrals/credit", null, "empty"],
  ["credit-failing", "/referrals/credit", null, "failing"],
  ["credit-loading", "/referrals/credit", null, "slow"],
  ["credit-stale", "/referrals/credit", async (page) => { await page.locator(row).first().waitFor(); await goSilent(page); }],
  ["reward-back", "/payouts", async (page) => { await page.locator(row).first().click(); await page.getByRole("button", { name: "Take back" }).click(); await page.getByText("A part").click(); }],
  ["rewards-picked", "/payouts?state=payable", async (page) => { await page.getByRole("button", { name: /^Pick all/ }).click(); }],
  ["reward-dispute", "/payouts?state=disputed", async (page) => { await page.locator(row).first().click(); await page.getByRole("button", { name: "Settle", exact: true }).click(); await page.getByText("Lost: the money went back").click(); }],
  ["credit-bank", "/referrals/credit", async (page) => { await page.locator(row).first().click(); await page.getByText("What this sale earned").scrollIntoViewIfNeeded(); }],
  ["money-give", "/payouts", async (page) => { await page.getByRole("button", { name: "Give by hand" }).click(); await page.getByRole("list", { name: "Advocates found" }).getByRole("button").first().click(); await page.getByLabel("Given as").waitFor(); }],
  ["money-correct", "/payouts?tab=ledger", async (page) => { await page.getByRole("button", { name: "Correct the books" }).click(); }],
  ["money-to-confirm", "/payouts", async (page) => { await page.getByRole("button", { name: /to confirm/ }).click(); await page.getByRole("button", { name: "Confirm", exact: true }).first().waitFor(); }],
  ["money-rail", "/payouts?tab=payouts", async (page) => { await page.getByRole("button", { name: /(Set up|Change) Tremendous/ }).click(); await page.getByRole("dialog").waitFor(); }],
  ["money-rail-hook", "/payouts?tab=payouts&rail=tremendous", async (page) => { const box = page.getByRole("dialog", { name: "Tremendous" }); await box.getByLabel("Campaign id").fill("C1"); await box.getByLabel("API key").fill("TEST_1"); await box.getByRole("button", { name: /make a webhook address/ }).click(); await page.getByText("/rail-hooks/").waitFor(); }],
  ["rewards-none", "/payouts?state=expired"],
  ...["rewards", "liability", "budgets", "payouts", "tie-out", "statements", "ledger"].flatMap((tab) => [
    [`money-${tab}`, `/payouts?tab=${tab}`], [`money-${tab}-empty`, `/payouts?tab=${tab}`, null, "empty"], [`money-${tab}-failing`, `/payouts?tab=${tab}`, null, "failing"], [`money-${tab}-loading`, `/payouts?tab=${tab}`, null, "slow"],
  ]),
  ["money-statement", "/payouts?tab=statements", async (page) => { await page.locator(row).first().click(); await page.getByText("Where they are paid").waitFor(); }],
  ["money-payments", "/payouts?tab=payouts&view=payments"],
  ["money-next-run", "/payouts?tab=payouts&view=next"],
  ["money-cancel", "/payouts?tab=payouts", async (page) => { await page.locator(row).first().click(); await page.getByRole("button", { name: "Cancel", exact: true }).click(); }],
  ["money-fund", "/payouts?tab=budgets", async (page) => { await page.getByRole("button", { name: "Fund a budget" }).click(); }],
  ["money-unknown", "/payouts?tab=payouts", async (page) => { await page.locator(row).nth(2).click(); await page.getByText("What is inside").waitFor(); await page.waitForTimeout(400); }],
  ["company", "/people", async (page) => { await page.locator(row).first().click(); await page.getByRole("region", { name: "Person" }).getByRole("link").nth(1).click(); await page.waitForTimeout(500); }],
  ["company-sources", "/people", async (page) => { await page.locator(row).first().click(); await page.getByRole("region", { name: "Person" }).getByRole("link").nth(1).click(); await page.getByRole("tab", { name: "Sources" }).click(); await page.waitForTimeout(500); }],
  ["persona-sources", "/people", async (page) => { await page.locator(row).nth(1).click(); await page.getByRole("tab", { name: /^Sources/ }).click(); await page.waitForTimeout(500); }],
  ["persona-unmerged", "/people", async (page) => { await page.locator(row).nth(3 + Math.floor(Math.random() * 8)).click(); await page.getByRole("tab", { name: /^Sources/ }).click(); await page.getByRole("button", { name: /^Unmerge/ }).last().click(); await page.getByRole("status").getByText("stands on its own").waitFor(); }],
  ["persona-join", "/people", async (page) => { await page.locator(row).nth(3).click(); await page.getByRole("tab", { name: /^Sources/ }).click(); await page.getByRole("button", { name: "Join another record" }).click(); await page.waitForTimeout(500); }],
  ["suppressions", "/people/suppressions"],
  ["suppressions-add", "/people/suppressions", async (page) => { await page.getByRole("button", { name: "Suppress", exact: true }).click(); }],
  ["suppressions-empty", "/people/suppressions", null, "empty"],
  ["review", "/people/review", async (page) => { await page.locator(row).first().waitFor(); }],
  ["review-open", "/people/review", async (page) => { await page.locator(row).nth(1).click(); await page.waitForTimeout(300); }],
  ["review-evidence", "/people/review", async (page) => { await page.locator(row).first().click(); await page.getByRole("button", { name: /^Evidence/ }).click(); }],
  ["review-money", "/people/review", async (page) => { await page.locator(row, { hasText: "money" }).first().click(); await page.getByRole("button", { name: /^They are one/ }).click(); }],
  ["review-undo", "/people/review", async (page) => { await page.locator(row).nth(3).click(); await page.getByRole("button", { name: /^Keep apart/ }).click(); await page.getByRole("status").getByText("Kept apart").waitFor(); await page.getByRole("button", { name: "Undo" }).click(); }],
  ["review-conflicts", "/people/review?tab=conflicts"],
  ["review-conflict-open", "/people/review?tab=conflicts", async (page) => { await page.locator(row).first().click(); }],
  ["review-decided", "/people/review?tab=decided"],
  ["review-empty", "/people/review", null, "empty"],
  ["review-failing", "/people/review", null, "failing"],
  ["review-loading", "/people/review", null, "slow"],
  ["review-stale", "/people/review", async (page) => { await page.locator(row).first().waitFor(); await goSilent(page); }],
  ["sources", "/sources"],
  ["sources-care", "/sources?state=care"],
  ["sources-empty", "/sources", null, "empty"],
  ["sources-failing", "/sources", null, "failing"],
  ["sources-loading", "/sources", null, "slow"],
  ["sources-stale", "/sources", async (page) => { await page.locator(row).first().waitFor(); await goSilent(page); }],
  ["connect", "/sources/connect"],
  ["connect-search", "/sources/connect", async (page) => { await page.getByRole("searchbox").fill("nothing like it"); }],
  ["connect-access", "/sources/connect?with=hubspot"],
  ["connect-refused", "/sources/connect?with=hubspot", async (page) => { await page.getByRole("textbox", { name: "Access token" }).fill("bad"); await page.getByRole("button", { name: "Connect and test" }).click(); await page.getByRole("alert").waitFor(); }],
  ["connect-test", "/sources/connect?with=zendesk", async (page) => { await connect(page, "Zendesk"); }],
  ["connect-test-bad", "/sources/connect?with=stripe&source=3&step=test", async (page) => { await page.getByText("was refused").first().waitFor(); }],
  ["connect-preview", "/sources/connect?with=hubspot&source=1&step=preview", async (page) => { await page.waitForTimeout(600); }],
  ["connect-start", "/sources/connect?with=hubspot", async (page) => { await connect(page, "HubSpot"); await page.getByRole("button", { name: "Go on", exact: true }).click(); await page.getByRole("button", { name: /That is right/ }).click(); await page.getByRole("button", { name: "Start", exact: true }).waitFor(); }],
  ["connect-waiting", "/sources/connect?with=hubspot", async (page) => { await connect(page, "HubSpot"); await start(page); await page.getByText("Waiting for the first event").waitFor(); await page.waitForTimeout(1500); }],
  ["connect-arrived", "/sources/connect?with=hubspot", async (page) => { await connect(page, "HubSpot"); await start(page); await page.getByText("First event arrived").waitFor({ timeout: 20_000 }); }],
  ["connect-sends", "/sources/connect?with=canny", async (page) => { await page.getByLabel("Name, as it appears in the list").fill(`Canny ${Math.random().toString(36).slice(2, 6)}`); await page.getByLabel("API key", { exact: true }).fill("k"); await page.getByRole("button", { name: "Make the address" }).click(); await page.getByText("Waiting for the first event").waitFor(); }],
  ["connect-further", "/sources/connect?with=hubspot", async (page) => { await page.getByText("2 further settings").click(); }],
  ["connect-push", "/sources/connect?push=segment"],
  ["connect-push-send", "/sources/connect?push=segment", async (page) => { await page.getByRole("textbox").first().fill(`Shop ${Math.random()}`); await page.getByRole("button", { name: "Make the key" }).click(); await page.getByText("Waiting for the first event").waitFor(); }],
  ["connect-push-arrived", "/sources/connect?push=webhook", async (page) => { await page.getByRole("textbox").first().fill(`Board ${Math.random()}`); await page.getByRole("button", { name: "Make the key" }).click(); await page.getByText("First event arrived").waitFor({ timeout: 20_000 }); }],
  ["source", "/sources/2"],
  ["replays", "/sources?tab=replays"],
  ["replays-open", "/sources?tab=replays", async (page) => { await page.locator(row).first().click(); await page.locator("details summary").first().click(); await page.waitForTimeout(300); }],
  ["replays-new", "/sources?tab=replays&new=1"],
  ["replays-empty", "/sources?tab=replays", null, "empty"],
  ["replays-failing", "/sources?tab=replays", null, "failing"],
  ["source-backfill", "/sources/5"],
  ["source-failing", "/sources/3"],
  ["source-waiting", "/sources/8"],
  ["source-access", "/sources/3?edit=access", async (page) => { await page.getByRole("button", { name: "Test what is there" }).click(); await page.getByText("was refused").first().waitFor(); }],
  ["source-renew", "/sources/4", async (page) => { await page.getByRole("button", { name: "Renew key" }).click(); }],
  ["source-live", "/sources/2?tab=live", async (page) => { await page.waitForTimeout(600); }],
  ["source-live-open", "/sources/2?tab=live", async (page) => { await page.waitForTimeout(400); await page.getByRole("button", { name: /^Hold/ }).click(); await page.locator("[aria-expanded='false'][class*='line']").nth(1).click(); await page.waitForTimeout(400); }],
  ["source-live-empty", "/sources/8?tab=live"],
  ["source-catalogue", "/sources/2?tab=catalogue", async (page) => { await page.waitForTimeout(400); }],
  ["source-catalogue-empty", "/sources/8?tab=catalogue"],
  ["source-plan", "/sources/4?tab=plan"],
  ["source-plan-empty", "/sources/8?tab=plan"],
  ["source-plan-edit", "/sources/2?tab=plan", async (page) => { await page.getByRole("button", { name: "Fill in from what was seen" }).first().click(); await page.getByRole("radio", { name: /Quarantine/ }).check(); }],
  ["source-mapping", "/sources/2?tab=mapping", async (page) => { await page.getByRole("button", { name: "Take the newest that came" }).click(); await page.getByRole("button", { name: "See what it becomes" }).click(); await page.waitForTimeout(500); }],
  ["source-missing", "/sources/999"],
  ["dead-letters", "/sources?tab=dead-letters"],
  ["dead-letters-filtered", "/sources?tab=dead-letters&reason=plan_violation", async (page) => { await page.waitForTimeout(300); }],
  ["dead-letters-empty", "/sources?tab=dead-letters", null, "empty"],
  ["dead-letter-open", "/sources?tab=dead-letters", async (page) => { await page.locator(row).first().click(); }],
  ["dead-letter-edit", "/sources?tab=dead-letters", async (page) => { await page.locator(row).nth(2).click(); await page.getByRole("button", { name: "Edit and retry" }).click(); }],
  ["dead-letter-again", "/sources?tab=dead-letters", async (page) => { await page.locator(row).first().click(); await page.getByRole("button", { name: "Retry as it is" }).click(); await page.getByText("It failed again").waitFor(); }],
  ["graph", "/graph"],
  ["graph-empty", "/graph", null, "empty"],
  ["graph-failing", "/graph", null, "failing"],
  ["graph-centre", "/graph", async (page) => { await page.locator("main a[href^='/graph?centre']").first().click(); await page.waitForTimeout(700); }],
  ["graph-slow", "/graph?centre=1", null, "slow"],
  ["graph-node", "/graph", async (page) => { await open(page, "node"); }],
  ["graph-edge", "/graph", async (page) => { await open(page, "edge"); await page.getByRole("button", { name: "Correct" }).click(); await page.getByRole("button", { name: "History of this belief" }).click(); await page.waitForTimeout(300); }],
  ["graph-list", "/graph", async (page) => { await page.locator("main a[href^='/graph?centre']").first().click(); await page.getByRole("tab", { name: "List" }).click(); await page.waitForTimeout(400); await page.getByRole("button", { name: "To", exact: true }).click({ timeout: 1000 }).catch(() => {}); await page.locator(row).first().click(); await page.waitForTimeout(300); }],
  ["graph-relations", "/graph", async (page) => { await page.locator("main a[href^='/graph?centre']").first().click(); await page.getByRole("button", { name: "Relations" }).click(); }],
  ["graph-finder", "/graph", async (page) => { await page.getByRole("combobox").first().fill("ma"); await page.waitForTimeout(500); }],
  ["graph-stale", "/graph", async (page) => { await page.locator("main a[href^='/graph?centre']").first().click(); await page.waitForTimeout(500); await goSilent(page); }],
  ["graph-ask", "/graph?mode=ask"],
  ["graph-answer", "/graph?mode=ask&q=who+uses+dispatch", async (page) => { await page.getByRole("button", { name: "Evidence" }).first().click(); await page.waitForTimeout(500); }],
  ["graph-unclear", "/graph?mode=ask&q=zzz"],
  ["graph-path", "/graph?mode=path", async (page) => { await path(page); }],
  ["graph-path-none", "/graph?mode=path"],
  ["persona-changes", "/people", async (page) => { await page.locator(row).first().click(); await page.getByRole("tab", { name: "What changed" }).click(); await page.waitForTimeout(500); }],
  ["persona-belief", "/people", async (page) => { await page.locator(row).first().click(); await page.getByRole("region", { name: "Portrait" }).getByRole("button").first().click(); await page.waitForTimeout(500); }],
  ["company-buying", "/people", async (page) => { await page.locator(row).first().click(); await page.getByRole("region", { name: "Person" }).getByRole("link").nth(1).click(); await page.getByRole("tab", { name: "Buying group" }).click(); await page.waitForTimeout(500); }],
  ["reading", "/graph/review"],
  ["reading-open", "/graph/review", async (page) => { await page.locator("[role='option']").nth(2).click(); await page.waitForTimeout(300); }],
  ["reading-empty", "/graph/review", null, "empty"],
  ["reading-failing", "/graph/review", null, "failing"],
  ["reading-decided", "/graph/review?state=decided"],
  ["quality", "/graph/quality", async (page) => { await page.getByText("As a table").first().click(); }],
  ["quality-empty", "/graph/quality", null, "empty"],
  ["quality-moments", "/graph/quality?tab=moments"],
  ["persona-moment", "/people", async (page) => { await page.locator(row).first().click(); const one = page.getByRole("button", { name: /strength 0/ }).first(); await one.click(); await page.getByRole("button", { name: "Not a good moment" }).click(); await page.waitForTimeout(300); }],
  ["quality-spend", "/graph/quality?tab=spend"],
  ["quality-models", "/graph/quality?tab=models"],
  ["segments", "/graph/segments"],
  ["segments-empty", "/graph/segments", null, "empty"],
  ["segment", "/graph/segments/1"],
  ["segment-new", "/graph/segments/new", async (page) => { for (const what of [/their company/, /their influence/, /one is enough/]) { await page.getByRole("button", { name: "Add a sentence" }).last().click(); await page.getByRole("menuitem", { name: what }).click(); } await page.waitForTimeout(300); }],
  ["segment-remove", "/graph/segments/2", async (page) => { await page.getByRole("button", { name: "Remove", exact: true }).click(); }],
  ["audit", "/audit"],
  ["missing", "/nowhere"],
];
/** The first person's surroundings, with a node of theirs, or one of its edges, in the pane. */
async function open(page, what) {
  await page.locator("main a[href^='/graph?centre']").first().click();
  await page.getByRole("tab", { name: "List" }).waitFor();
  const centre = new URL(page.url()).searchParams.get("centre");
  await page.goto(`${base}/graph?centre=${centre}&node=${centre}`);
  const card = page.getByRole("region", { name: "The chosen node" });
  await card.waitFor();
  if (what === "edge") { await card.locator("li button").nth(2).click(); await page.getByRole("region", { name: "The chosen edge" }).waitFor(); await page.waitForTimeout(300); }
}
/** Somebody to whom three steps lead. */
async function path(page) {
  const { rows } = await (await page.request.get(`${base}/api/personas?limit=60`)).json();
  for (const one of rows.slice(1)) {
    const found = await (await page.request.get(`${base}/api/graph/path?from=${rows[0].id}&to=${one.id}`)).json();
    if (found.hops.length !== 3) continue;
    await page.goto(`${base}/graph?mode=path&from=${rows[0].id}&to=${one.id}`);
    await page.getByText("3 steps").waitFor();
    return;
  }
}
/** The server falls silent: what is shown must say how old it is. */
async function goSilent(page) {
  await page.route("**/api/**", (route) => route.abort());
  // What is fresh is not asked for again; a moment later, coming back to the page asks.
  await page.waitForTimeout(5200);
  await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
  await page.getByText(/Last updated/).first().waitFor({ timeout: 25_000 });
}
async function connect(page, name) {
  await page.getByLabel("Name, as it appears in the list").fill(`${name} ${Math.random().toString(36).slice(2, 6)}`);
  for (const field of await page.locator("form input[required]").all()) if ((await field.inputValue()) === "") await field.fill("acme-token");
  await page.getByRole("button", { name: "Connect and test" }).click();
  await page.getByRole("button", { name: /^Go on/ }).and(page.locator(":enabled")).waitFor();
}
async function start(page) {
  await page.getByRole("button", { name: /^Go on/ }).click();
  await page.getByRole("button", { name: /That is right/ }).click();
  await page.getByRole("button", { name: "Start", exact: true }).click();
}
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
    for (const [name, path, act, scene] of SCREENS) {
      if (!only.test(`${name} ${size} ${colorScheme}`)) continue;
      const page = await context.newPage();
      page.setDefaultTimeout(6000);
      const where = `${name} ${size} ${colorScheme}`;
      page.on("pageerror", (failure) => problems.push(`${where}: script error ${failure.message}`));
      await context.addCookies([{ name: "hg-scene", value: scene ?? "", url: base }]);
      // A refused or silent server is what these scenes are about; the browser notes it in its own words.
      const expected = scene === "failing" || /stale|refused|yaml/.test(name) ? /404|409|422|503|Failed to load|ERR_FAILED/ : /404/;
      page.on("console", (line) => { if (line.type() === "error" && !expected.test(line.text())) problems.push(`${where}: ${line.text()}`); });
      page.on("request", (request) => { if (!request.url().startsWith(base) && !/^(data|blob|about):/.test(request.url())) problems.push(`${where}: asked ${request.url()}`); });
      await page.goto(base + path);
      await page.locator("main").waitFor({ timeout: 10_000 }).catch(() => problems.push(`${where}: nothing was drawn`));
      await page.waitForTimeout(350);
      try {
        if (act) await act(page);
      } catch (failure) {
        problems.push(`${where}: ${String(failure).split("\n")[0]}`);
      }
      await page.waitForTimeout(250);
      await page.screenshot({ path: `shots/${name}-${size}-${colorScheme}.png` });
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      const wide = await page.evaluate(() => [...document.querySelectorAll("main [class*='_scroll_'], main [class*='paneBody']")].filter((one) => one.scrollWidth > one.clientWidth + 1).length);
      if (wide > 0) problems.push(`${where}: the page is wider than its room`);
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
