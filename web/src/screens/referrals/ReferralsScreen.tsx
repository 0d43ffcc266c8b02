import type { ReferralRow } from "../../api/contract";
import { useReferrals } from "../../api/queries";
import { ago, moment, words } from "../../format";
import { useIsNarrow, useNow } from "../../parts/hooks";
import { Rows, Two, type Column } from "../../parts/rows";
import { Sheet } from "../../parts/sheet";
import { Empty } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, Fact, PageHead, toneOf, type Tone } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";

const STAGES = [
  { key: "", label: "All" }, { key: "signed_up", label: "Signed up" }, { key: "qualified", label: "Qualified" }, { key: "won", label: "Won" },
  { key: "lost", label: "Lost" }, { key: "rejected", label: "Rejected" },
];
const VERDICTS: Record<string, { tone: Tone; text: string }> = {
  block: { tone: "bad", text: "Blocks the reward" }, hold: { tone: "warn", text: "Holds the reward" }, note: { tone: "plain", text: "Note" },
};

function Findings({ row }: { row: ReferralRow }) {
  const narrow = useIsNarrow();
  const worst = ["block", "hold", "note"].find((verdict) => row.findings.some((one) => one.verdict === verdict));
  if (!worst && narrow) return null;
  if (!worst) return <span className="muted small">None</span>;
  return <Badge tone={VERDICTS[worst]?.tone} icon={worst === "note" ? "info" : "triangle-alert"}>{row.findings.length} {worst === "note" ? "noted" : worst === "hold" ? "on hold" : "blocked"}</Badge>;
}

/** Who was referred by whom, how far it came, and why the credit fell where it fell. */
export default function ReferralsScreen() {
  const { params } = useAddress();
  const stage = params.get("stage") ?? "";
  const id = params.get("id") ?? "";
  const now = useNow(60_000);
  const query = useReferrals({ stage });
  const open = query.data?.pages.flatMap((page) => page.rows).find((row) => row.id === id);
  const columns: Column<ReferralRow>[] = [
    { key: "friend", head: "Friend", width: "minmax(0, 1.3fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.friend_email}</span>} below={row.friend_company ?? "Company not known"} /> },
    { key: "advocate", head: "Referred by", width: "minmax(0, 1fr)", cell: (row) => <span className="clip">{row.advocate.name}</span> },
    { key: "stage", head: "Where it stands", width: "minmax(0, 1.4fr)", phone: "sub", cell: (row) => <Two top={row.stage_text} below={`since ${ago(row.stage_at, now).replace(" ago", "")}`} /> },
    { key: "badge", head: "Stage", width: "92px", phone: "side", cell: (row) => <Badge tone={toneOf(row.stage)}>{words(row.stage)}</Badge> },
    { key: "reward", head: "Reward", width: "minmax(0, 0.9fr)", cell: (row) => <span className="clip">{row.reward ?? <span className="muted">None yet</span>}</span> },
    { key: "findings", head: "Findings", width: "104px", phone: "sub", cell: (row) => <Findings row={row} /> },
  ];
  return (
    <>
      <PageHead title="Referrals"><Tabs label="Stage" kind="pill" value={stage} tabs={STAGES} onChange={(key) => setParams({ stage: key || null, id: null })} /></PageHead>
      <Rows
        label="Referrals" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={id}
        empty={
          stage ? <Empty icon="gift" title={`No referral is ${words(stage).toLowerCase()}`} actions={<button className="btn" onClick={() => setParams({ stage: null })}>Show all</button>} />
            : <Empty icon="gift" title="No referral yet" actions={<Link className="btn primary" to="/">Go to Ask now</Link>}>A referral begins when a friend signs up through an advocate's link. A click alone is not counted.</Empty>
        }
      />
      {open && <ReferralSheet row={open} onClose={() => setParams({ id: null })} />}
    </>
  );
}

function ReferralSheet({ row, onClose }: { row: ReferralRow; onClose: () => void }) {
  return (
    <Sheet title={row.friend_email} note={row.friend_company ?? undefined} onClose={onClose}>
      <dl>
        <Fact name="Stage"><Badge tone={toneOf(row.stage)}>{words(row.stage)}</Badge></Fact>
        <Fact name="In plain words">{row.stage_text}</Fact>
        <Fact name="Referred by">{row.advocate.name}</Fact>
        <Fact name="Signed up">{moment(row.created_at)}</Fact>
        <Fact name="This stage since">{moment(row.stage_at)}</Fact>
        <Fact name="Credit">{row.attribution_reason ?? <span className="muted">No deal is won yet, so nothing is credited</span>}</Fact>
        <Fact name="Reward">{row.reward ?? <span className="muted">None yet</span>}</Fact>
      </dl>
      <h3 style={{ margin: "20px 0 8px" }}>Fraud findings</h3>
      {row.findings.length === 0 ? <p className="small muted">No rule found anything against this referral.</p> : (
        <ul className="stack">
          {row.findings.map((one) => (
            <li key={one.rule} className="card pad stack">
              <p className="row"><b className="grow">{words(one.rule)}</b><Badge tone={VERDICTS[one.verdict]?.tone}>{VERDICTS[one.verdict]?.text ?? one.verdict}</Badge></p>
              <p className="small">{one.reason}</p>
            </li>
          ))}
        </ul>
      )}
    </Sheet>
  );
}
