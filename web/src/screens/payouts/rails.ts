import type { PayoutPolicy, Rail } from "../../api/money";
import { money, words } from "../../format";

export const PAYEES: Record<string, string> = { iban: "a bank account (IBAN)", us_bank: "a US bank account", paypal: "a PayPal address", stripe: "a Stripe account", email: "an e-mail address" };
const NAMES: Record<string, string> = {
  manual: "By hand", sepa: "SEPA file", nacha: "ACH file", paypal: "PayPal", tango: "Tango", tremendous: "Tremendous",
  stripe_transfer: "Stripe, transfer", stripe_credit: "Stripe, credit", stripe_coupon: "Stripe, coupon",
};
export const railName = (rail: string): string => NAMES[rail] ?? words(rail);
/** What each setting is, for whoever copies it from the provider or the bank. */
export const SETTINGS: Record<string, { name: string; about: string }> = {
  name: { name: "Name of the payer", about: "As your bank knows you." }, iban: { name: "Your IBAN", about: "The account the money leaves." }, bic: { name: "BIC", about: "" },
  routing: { name: "Routing number", about: "Nine digits, of the bank that takes the file." }, bank: { name: "Name of that bank", about: "" }, company: { name: "Company", about: "At most 16 letters are sent." },
  company_id: { name: "Company id", about: "Up to ten characters, often 1 and the EIN; the bank has told it." }, sec: { name: "Class", about: "PPD for people (as usual), CCD for companies." },
  campaign_id: { name: "Campaign id", about: "It says which gift cards may be chosen." }, funding_source_id: { name: "Funding source", about: "The balance, unless you name another." },
  account: { name: "Account", about: "The account identifier." }, customer: { name: "Customer", about: "The customer identifier." }, utid: { name: "Item (UTID)", about: "Which gift card is sent." },
};
export const SECRETS: Record<string, string> = {
  api_key: "API key", webhook_secret: "Signing secret of the webhook", client_id: "Client id", client_secret: "Client secret", platform_name: "Platform name", platform_key: "Platform key",
};
export const currenciesOf = (rail: Rail): string => (rail.currencies.length > 0 ? rail.currencies.join(", ") : rail.rail === "manual" ? "any currency" : "the currencies of your account there");
export const minimumsOf = (rail: Rail, policy: PayoutPolicy | undefined): string =>
  Object.entries(policy?.minimums ?? {}).filter(([currency, minor]) => minor > 0 && (rail.currencies.length === 0 || rail.currencies.includes(currency))).map(([currency, minor]) => money(minor, currency)).join(" or ");
/** What a rail cannot pay without and was not told. */
export const stillMissing = (rail: Rail): string[] => [
  ...Object.entries(rail.settings).filter(([key, needed]) => needed && !String(rail.config[key] ?? "").trim()).map(([key]) => SETTINGS[key]?.name ?? key),
  ...(rail.ready ? [] : rail.secrets.map((one) => SECRETS[one] ?? one)),
];
