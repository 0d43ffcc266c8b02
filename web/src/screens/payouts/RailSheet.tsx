import { useState } from "react";

import type { PayoutPolicy, Rail } from "../../api/money";
import { words } from "../../format";
import { Icon } from "../../parts/icons";
import { Box, Sheet } from "../../parts/sheet";
import { toast } from "../../parts/toast";
import { Fact } from "../../parts/ui";
import { useKnownSession } from "../../session";
import css from "./payouts.module.css";
import { currenciesOf, minimumsOf, PAYEES, railName, SECRETS, SETTINGS } from "./rails";
import { useSetUpRail } from "./writes";

const TEST_KEY = /^(sk|rk)_test_/;

/** One way of paying: what it pays, what it must know, and whether it may pay. Secrets go in and are never shown again. */
export function RailSheet({ rail, policy, onClose }: { rail: Rail; policy: PayoutPolicy | undefined; onClose: () => void }) {
  const session = useKnownSession();
  const maySet = session.may.includes("rails.write");
  const save = useSetUpRail();
  const was = (key: string) => String(rail.config[key] ?? "");
  const [told, setTold] = useState<Record<string, string>>(Object.fromEntries(Object.keys(rail.settings).map((key) => [key, was(key)])));
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const [trying, setTrying] = useState(rail.set_up ? was("base_url") === rail.sandbox && rail.sandbox !== "" : rail.sandbox !== "");
  const [enabled, setEnabled] = useState(rail.set_up ? rail.enabled : true);
  const [address, setAddress] = useState("");
  const base = trying ? rail.sandbox : was("base_url") === rail.sandbox ? "" : was("base_url");
  const moved = rail.set_up && rail.ready && base !== was("base_url");
  const typed = Object.fromEntries(Object.entries(secrets).map(([key, value]) => [key, value.trim()]).filter(([, value]) => value !== ""));
  const renewing = Object.keys(typed).length > 0;
  // To another address no secret goes along: all are entered again.
  const wanting = rail.secrets.filter((one) => one !== "webhook_secret" && ((moved || !rail.ready) && !typed[one]));
  const missing = Object.entries(rail.settings).filter(([key, needed]) => needed && !(told[key] ?? "").trim()).map(([key]) => SETTINGS[key]?.name ?? words(key));
  const config = () => {
    const kept = Object.fromEntries(Object.entries(rail.config).filter(([key]) => key !== "base_url" && !(key in rail.settings)));
    return { ...kept, ...Object.fromEntries(Object.entries(told).map(([key, value]) => [key, value.trim()]).filter(([, value]) => value !== "")), ...(base ? { base_url: base } : {}) };
  };
  const send = (hook: boolean) => save.mutate({ rail: rail.rail, config: config(), secrets: renewing ? typed : null, enabled, hook }, {
    onSuccess: (made) => { setSecrets({}); if (made.hook) setAddress(`${session.base_url.replace(/\/$/, "")}${made.hook}`); else onClose(); },
  });
  const test = rail.rail.startsWith("stripe") ? (typed.api_key ? TEST_KEY.test(typed.api_key) : null) : trying;
  return (
    <Sheet
      title={railName(rail.rail)} note={rail.sends ? "Calls the provider once a payout is approved" : "Writes a file for your bank once a payout is approved"} onClose={onClose}
      foot={maySet ? <><button className="btn primary" disabled={save.isPending || wanting.length > 0 || missing.length > 0} onClick={() => send(false)}>{rail.set_up ? "Save" : "Set up"}</button>{(wanting.length > 0 || missing.length > 0) && <span className="small muted">Still asked for: {[...missing, ...wanting.map((one) => SECRETS[one] ?? words(one))].join(", ")}</span>}</> : <p className="small muted">Only an owner sets a rail up, in a browser.</p>}
    >
      <div className={css.railBody}>
        <dl>
          <Fact name="Pays">{rail.incentives.map((one) => words(one)).join(", ")}</Fact>
          <Fact name="To">{rail.payee_kind ? (PAYEES[rail.payee_kind] ?? words(rail.payee_kind)) : "the advocate's e-mail address"}</Fact>
          <Fact name="In">{currenciesOf(rail)}</Fact>
          <Fact name="From">{minimumsOf(rail, policy) || "the first cent; no minimum is set"}<span className={css.under}>The minimum is part of the payout schedule and holds for every rail.</span></Fact>
        </dl>
        {rail.sandbox !== "" && (
          <fieldset className={css.radios} disabled={!maySet}><legend className="label">Where it pays</legend>
            <label className={css.outcome}><input type="radio" name="where" checked={trying} onChange={() => setTrying(true)} /><span><b>Only a trial</b><span className={css.under}>At the provider's sandbox, {rail.sandbox.replace("https://", "")}: no money moves.</span></span></label>
            <label className={css.outcome}><input type="radio" name="where" checked={!trying} onChange={() => setTrying(false)} /><span><b>For real</b><span className={css.under}>An approved payout is paid from your account at the provider.</span></span></label>
          </fieldset>
        )}
        {moved && <p className={css.whyNot}><Icon name="key-round" size={15} /><span>Secrets do not follow to another address: enter them again, those of {trying ? "the sandbox" : "the real account"}.</span></p>}
        {Object.keys(rail.settings).length > 0 && (
          <section className={css.section}>
            <h3>What it must know</h3>
            {Object.entries(rail.settings).map(([key, needed]) => (
              <label key={key}><span className="label">{SETTINGS[key]?.name ?? words(key)}{needed ? "" : " (may be empty)"}</span><input className="field" disabled={!maySet} value={told[key] ?? ""} maxLength={500} autoComplete="off" spellCheck={false} onChange={(event) => setTold({ ...told, [key]: event.target.value })} />{SETTINGS[key]?.about && <span className={css.under}>{SETTINGS[key].about}</span>}</label>
            ))}
          </section>
        )}
        {rail.secrets.length > 0 && (
          <section className={css.section}>
            <h3>Secrets</h3>
            <p className="small muted">{rail.ready ? "They are entered, encrypted, and nobody can read them here. What you leave empty stays as it is." : "They are encrypted as they are saved, and never shown again."}</p>
            {maySet && rail.secrets.map((key) => (
              <label key={key}><span className="label">{SECRETS[key] ?? words(key)}</span><input className="field" type="password" autoComplete="new-password" value={secrets[key] ?? ""} maxLength={2000} placeholder={rail.ready && !moved ? "Entered; leave it empty to keep it" : ""} onChange={(event) => setSecrets({ ...secrets, [key]: event.target.value })} /></label>
            ))}
          </section>
        )}
        {rail.sends && test !== null && <p className={css.whyNot} data-tone={test ? "good" : undefined}><Icon name={test ? "shield-check" : "triangle-alert"} size={15} /><span>{test ? "With this, payments are only tried: no money moves." : "With this, an approved payout moves real money."}</span></p>}
        {rail.rail.startsWith("stripe") && test === null && <p className="small muted">With a key that begins with sk_test_ no money moves; with sk_live_ it does.</p>}
        {rail.sends && (
          <label className={css.outcome}><input type="checkbox" disabled={!maySet} checked={enabled} onChange={(event) => setEnabled(event.target.checked)} /><span><b>May pay</b><span className={css.under}>Switched off, no payout is sent by it; what is on its way is still looked after.</span></span></label>
        )}
        {rail.sends && rail.secrets.includes("webhook_secret") && maySet && (
          <section className={css.section}>
            <h3>Webhook</h3>
            <p className="small muted">The provider tells by it at once what became of a payment. Without it we ask ourselves, later. {rail.set_up && "A new address takes the place of the one before."}</p>
            <div><button className="btn small" disabled={save.isPending || wanting.length > 0 || missing.length > 0} onClick={() => send(true)}><Icon name="webhook" size={14} />Save and make a webhook address</button></div>
          </section>
        )}
      </div>
      {address && (
        <Box title="The webhook address" onClose={() => setAddress("")} foot={<button className="btn primary" onClick={() => setAddress("")}>I have entered it</button>}>
          <p className="small">Enter it at {railName(rail.rail)} now: it is shown this once.</p>
          <p className={css.copy}><code className="mono">{address}</code><button className="btn small" onClick={() => void navigator.clipboard.writeText(address).then(() => toast("good", "The address is copied"))}><Icon name="copy" size={14} />Copy</button></p>
          <p className="small muted">The provider then shows a signing secret. Enter that one under Secrets, and save once more.</p>
        </Box>
      )}
    </Sheet>
  );
}
