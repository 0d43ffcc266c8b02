import { useState } from "react";

import { useConnectors } from "../../../api/sourceQueries";
import type { NewSource } from "../../../api/sources";
import { Icon } from "../../../parts/icons";
import { Bones, Empty, Loaded } from "../../../parts/states";
import { Scroll } from "../../../parts/ui";
import { Link, navigate, useAddress } from "../../../router";
import { useKnownSession } from "../../../session";
import { PUSH } from "../systems";
import { AccessStep } from "./AccessStep";
import css from "./connect.module.css";
import { PickSystem } from "./PickSystem";
import { PreviewStep } from "./PreviewStep";
import { PushName, PushSend } from "./PushSteps";
import { StartStep } from "./StartStep";
import { TestStep } from "./TestStep";

const PULL = ["Choose a system", "Give access", "Test it", "See what it becomes", "Start"];
const SENDS = ["Choose a system", "Give access", "Send the first event"];
const PUSHED = ["Choose a system", "Name it", "Send the first event"];

function Steps({ names, at }: { names: string[]; at: number }) {
  return (
    <ol className={css.steps} aria-label="Steps">
      {names.map((name, i) => (
        <li key={name} data-at={i < at ? "done" : i === at ? "now" : "later"} aria-current={i === at ? "step" : undefined}><span>{name}</span></li>
      ))}
    </ol>
  );
}

const STEP_AT: Record<string, number> = { test: 2, preview: 3, start: 4, run: 4 };

/** From a system somebody names to its first event here. */
export default function ConnectScreen() {
  const { params } = useAddress();
  const mayWrite = useKnownSession().may.includes("sources.write");
  const connectors = useConnectors();
  // The key is shown once and lives nowhere but here.
  const [made, setMade] = useState<NewSource | null>(null);
  const name = params.get("with") ?? "";
  const push = PUSH.find((one) => one.kind === params.get("push"));
  const source = params.get("source") ?? "";
  const step = params.get("step") ?? "";
  const go = (next: string) => navigate(`/sources/connect?with=${encodeURIComponent(name)}&source=${source}&step=${next}`);

  const sends = connectors.data?.rows.find((one) => one.connector === name)?.streams.length === 0;
  const at = sends ? (source ? 2 : 1) : push ? (source ? 2 : 1) : name ? (source ? (STEP_AT[step] ?? 2) : 1) : 0;
  const body = () => {
    if (push) return source ? <PushSend system={push} id={source} made={made?.id === source ? made : null} /> : <PushName system={push} onMade={setMade} />;
    if (!name) return <Loaded query={connectors} bones={<Bones rows={6} />}>{({ rows }) => <PickSystem connectors={rows} />}</Loaded>;
    return (
      <Loaded query={connectors} bones={<Bones rows={5} />}>
        {({ rows }) => {
          const connector = rows.find((one) => one.connector === name);
          if (!connector) return <Empty icon="search" title="There is no such connector" actions={<Link className="btn" to="/sources/connect">Choose another system</Link>}>The address may be old, or the connector was removed from this workspace.</Empty>;
          if (!source) return <AccessStep connector={connector} />;
          if (sends) return <StartStep id={source} connector={connector} started onStarted={() => go("run")} onBack={() => go("run")} />;
          if (at === 2) return <TestStep id={source} connector={connector} onNext={() => go("preview")} />;
          if (at === 3) return <PreviewStep id={source} connector={connector} onBack={() => go("test")} onNext={() => go("start")} />;
          return <StartStep id={source} connector={connector} started={step === "run"} onStarted={() => go("run")} onBack={() => go("preview")} />;
        }}
      </Loaded>
    );
  };
  return (
    <Scroll label="Connect a system">
      <div style={{ padding: "12px 16px 0" }}><Link className="btn quiet small" to="/sources"><Icon name="chevron-left" size={14} />Sources</Link></div>
      <h1 className="sr">Connect a system</h1>
      {!mayWrite ? (
        <Empty icon="lock" title="Your role does not connect systems" actions={<Link className="btn" to="/sources">See what is connected</Link>}>Ask an owner of this workspace to connect it, or to change your role.</Empty>
      ) : (
        <div className={css.page} data-wide={at === 3}>
          <Steps names={push ? PUSHED : sends ? SENDS : PULL} at={at} />
          <div className={css.body}>{body()}</div>
        </div>
      )}
    </Scroll>
  );
}
