import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { write } from "../../api/client";
import { useMembers, usePreview, useSegment } from "../../api/segmentQueries";
import type { Condition, Member, Segment } from "../../api/segments";
import { ago, count, percent } from "../../format";
import { useNow, useSettled } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Box } from "../../parts/sheet";
import { Bones, Failure, Loaded } from "../../parts/states";
import { toast, toastProblem } from "../../parts/toast";
import { Avatar, PageHead, Scroll } from "../../parts/ui";
import { Link, navigate } from "../../router";
import { useKnownSession } from "../../session";
import { GroupEditor } from "./ConditionEditor";
import { complete, FRESH, inWords, rooted } from "./conditions";
import css from "./segments.module.css";

const EMPTY: Segment = { id: "", name: "", condition: { type: "all", of: [] }, version: 0, members: 0, created_by: "", created_at: "", updated_at: "", evaluated_at: "" };

/** One segment: its sentences, whom they hold for, and its members now. */
export default function SegmentScreen({ id }: { id: string }) {
  const isNew = id === "new";
  const query = useSegment(isNew ? "" : id);
  if (isNew) return <Editor segment={EMPTY} />;
  return <Loaded query={query} bones={<Bones rows={6} />}>{(segment) => <Editor key={segment.version} segment={segment} />}</Loaded>;
}

function Editor({ segment }: { segment: Segment }) {
  const client = useQueryClient();
  const mayWrite = useKnownSession().may.includes("people.write");
  const isNew = segment.id === "";
  const [name, setName] = useState(segment.name);
  const [condition, setCondition] = useState<Condition>(isNew ? { type: "all", of: [FRESH.edges!()] } : segment.condition);
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  const changed = isNew || name.trim() !== segment.name || JSON.stringify(condition) !== JSON.stringify(segment.condition);
  const ready = name.trim() !== "" && complete(condition);
  const renew = () => { for (const key of ["segments", "segment", "members"]) void client.invalidateQueries({ queryKey: [key] }); };
  const save = async () => {
    setBusy(true);
    try {
      const kept = await write<Segment>(isNew ? "/api/segments" : `/api/segments/${segment.id}`, { name: name.trim(), condition }, isNew ? "POST" : "PUT");
      toast("good", `${kept.name}: ${count(kept.members)} members`);
      renew();
      navigate(`/graph/segments/${kept.id}`, { replace: true });
    } catch (failure) {
      toastProblem("The segment was not kept", failure);
    } finally {
      setBusy(false);
    }
  };
  const remove = async () => {
    try {
      await write(`/api/segments/${segment.id}`, {}, "DELETE");
      toast("plain", `${segment.name} was removed`);
      renew();
      navigate("/graph/segments");
    } catch (failure) {
      toastProblem("The segment was not removed", failure);
    }
  };
  return (
    <>
      <PageHead title={<span className="row"><Link className="btn quiet small square" to="/graph/segments" aria-label="All segments"><Icon name="chevron-left" size={14} /></Link>{isNew ? "New segment" : segment.name}</span>}>
        {mayWrite && !isNew && <button className="btn quiet" onClick={() => setRemoving(true)}><Icon name="trash-2" size={14} />Remove</button>}
        {mayWrite && <button className="btn primary" disabled={!changed || !ready || busy} onClick={() => void save()}>{isNew ? "Keep this segment" : "Keep the changes"}</button>}
      </PageHead>
      <Scroll label="Segment">
        <div className={css.page}>
          <div className={css.edit}>
            <label className="label" htmlFor="segment-name">Name</label>
            <input id="segment-name" className="field" value={name} maxLength={100} disabled={!mayWrite} placeholder="Champions at enterprises" onChange={(event) => setName(event.target.value)} />
            <fieldset className={css.builder} disabled={!mayWrite}>
              <legend className="sr">Sentences</legend>
              <GroupEditor lead="People of whom" group={rooted(condition)} onChange={setCondition} />
            </fieldset>
            <p className={css.words}><span className="muted">In one sentence: people who</span> {inWords(condition)}.</p>
          </div>
          <aside className={css.side} aria-label="Whom it holds for"><Holds condition={condition} /></aside>
          {!isNew && <section className={css.members}><h2>Members now</h2><Members id={segment.id} /></section>}
        </div>
      </Scroll>
      {removing && (
        <Box title={`Remove ${segment.name}?`} onClose={() => setRemoving(false)} foot={<><button className="btn" onClick={() => setRemoving(false)}>Keep it</button><button className="btn danger" onClick={() => void remove()}>Remove</button></>}>
          <p>The segment and its record of who entered and left are removed. The people and what is known of them stay.</p>
        </Box>
      )}
    </>
  );
}

function Holds({ condition }: { condition: Condition }) {
  const settled = useSettled(condition, 350);
  const ready = complete(settled);
  const query = usePreview(ready ? settled : null);
  if (!ready) return <p className="small muted">Finish the sentences to see whom they hold for.</p>;
  if (query.isError) return <Failure failure={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Bones rows={2} />;
  const { count: n, of, sample } = query.data;
  return (
    <div aria-busy={query.isFetching} className={css.holds}>
      <p><b className={css.big}>{count(n)}</b> <span className="muted">of {count(of)} people{of > 0 && `, ${percent(n / of)}`}</span></p>
      {n === 0 && <p className="small muted">It holds for nobody at present.</p>}
      <ul>{sample.map((one) => <li key={one.id}><Link to={`/people/${one.id}`}><Avatar name={one.name} size={24} /><span className="clip">{one.name}</span><span className="clip small muted">{one.title}</span></Link></li>)}</ul>
      {n > sample.length && <p className="small muted">and {count(n - sample.length)} more</p>}
    </div>
  );
}

function Members({ id }: { id: string }) {
  const query = useMembers(id);
  const now = useNow(60_000);
  const rows: Member[] | undefined = query.data?.pages.flatMap((page) => page.rows);
  if (rows === undefined) return query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={3} />;
  if (rows.length === 0) return <p className="small muted">Nobody is in it at present.</p>;
  return (
    <>
      <ul className={css.list}>
        {rows.map((one) => (
          <li key={one.id}><Link to={`/people/${one.id}`}><Avatar name={one.name} /><span className="grow"><span className="strong clip">{one.name}</span><span className="small muted clip">{one.title || "Title not known"}</span></span><span className="small muted">{one.entered_at ? `since ${ago(one.entered_at, now)}` : ""}</span></Link></li>
        ))}
      </ul>
      {query.hasNextPage && <button className="btn small" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>More members</button>}
    </>
  );
}
