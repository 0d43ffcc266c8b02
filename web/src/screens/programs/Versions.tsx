import { useState } from "react";

import { useProgramDiff, useRollback } from "../../api/programQueries";
import type { ProgramDetail } from "../../api/programs";
import { moment, words } from "../../format";
import { Box } from "../../parts/sheet";
import { Bones, Empty, Loaded } from "../../parts/states";
import { toast, toastProblem } from "../../parts/toast";
import { Badge, toneOf } from "../../parts/ui";
import css from "./builder.module.css";

/** Every version there was: what changed in sentences, and the way back. */
export function Versions({ program, mayWrite }: { program: ProgramDetail; mayWrite: boolean }) {
  const [open, setOpen] = useState<number | null>(null);
  const [back, setBack] = useState<number | null>(null);
  const rollback = useRollback(program.slug);
  const versions = [...program.versions].sort((a, b) => b.version - a.version);
  if (versions.length === 0) return <Empty icon="history" title="Nothing was published yet">Each time the rules are published, a version is kept here for good.</Empty>;
  return (
    <>
      <ol className={css.versions}>
        {versions.map((one, i) => {
          const before = versions[i + 1];
          const by = [one.author, one.at && moment(one.at), one.confirmed_by && `confirmed by ${one.confirmed_by}`, one.note].filter(Boolean).join(" · ");
          return (
            <li key={one.version}>
              <div className={css.version}>
                <span className="grow"><b>Version {one.version}</b> <Badge tone={one.version === program.version ? "good" : toneOf(one.state)}>{one.version === program.version ? "in force" : words(one.state)}</Badge><span className={css.under}>{by}</span></span>
                {before && <button className="btn small" aria-expanded={open === one.version} onClick={() => setOpen(open === one.version ? null : one.version)}>What changed</button>}
                {one.version !== program.version && one.state !== "draft" && mayWrite && <button className="btn small" onClick={() => setBack(one.version)}>Go back to this</button>}
              </div>
              {open === one.version && before && <div className={css.changed}><Changed slug={program.slug} before={before.version} after={one.version} /></div>}
            </li>
          );
        })}
      </ol>
      {back !== null && (
        <Box
          title={`Go back to version ${back}?`} onClose={() => setBack(null)}
          foot={<><button className="btn" onClick={() => setBack(null)}>Leave it</button><button className="btn primary" disabled={rollback.isPending} onClick={() => rollback.mutate(back, { onSuccess: (done) => { setBack(null); toast("good", done.state === "live" ? `The rules of version ${back} are in force again` : "A second person now confirms it"); }, onError: (failure) => toastProblem("The program stays as it is", failure) })}>Go back</button></>}
        >
          <p className="small">It becomes a new version, so nothing is lost. What advocates were promised meanwhile stays as it was promised.</p>
          <Changed slug={program.slug} before={program.version} after={back} />
        </Box>
      )}
    </>
  );
}

function Changed({ slug, before, after }: { slug: string; before: number; after: number }) {
  const query = useProgramDiff(slug, before, after);
  return <Loaded query={query} bones={<Bones rows={1} />}>{({ sentences }) => sentences.length === 0 ? <p className="small muted">Nothing differs.</p> : <ul className={css.diff}>{sentences.map((one) => <li key={one}>{one}</li>)}</ul>}</Loaded>;
}
