import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { useDiff } from "../../api/brainQueries";
import { write } from "../../api/client";
import type { Playbook } from "../../api/playbooks";
import { moment } from "../../format";
import { Box } from "../../parts/sheet";
import { Bones, Loaded } from "../../parts/states";
import { toast, toastProblem } from "../../parts/toast";
import { Badge } from "../../parts/ui";
import css from "./playbooks.module.css";

const nameOf = (version: number): string => (version === 0 ? "As shipped" : `Version ${version}`);

/** Every version that was ever in force: what changed, and the way back. */
export function Versions({ playbook, mayWrite }: { playbook: Playbook; mayWrite: boolean }) {
  const client = useQueryClient();
  const [open, setOpen] = useState<number | null>(null);
  const [back, setBack] = useState<number | null>(null);
  const rollback = useMutation({
    mutationFn: (version: number) => write<Playbook>(`/api/playbooks/${playbook.slug}/rollback`, { version }),
    onSuccess: (made, version) => { setBack(null); toast("good", `${nameOf(version)} is in force again`); client.setQueryData(["playbook", playbook.slug], made); },
    onError: (failure) => toastProblem("The playbook stays as it is", failure),
    onSettled: () => { for (const name of ["playbooks", "playbook", "playbook-diff", "autonomy", "audit"]) void client.invalidateQueries({ queryKey: [name] }); },
  });
  const versions = [...playbook.versions].sort((a, b) => b.version - a.version);
  if (versions.length < 2) return <p className="small muted" style={{ padding: "16px 0" }}>It is as it was shipped; nobody has changed it.</p>;
  return (
    <>
      <ol className={css.versions}>
        {versions.map((one, i) => {
          const before = versions[i + 1];
          return (
            <li key={one.version}>
              <div className={css.version}>
                <span className="grow"><b>{nameOf(one.version)}</b> {one.version === playbook.version && <Badge tone="good">in force</Badge>}<span className={css.under}>{[one.by, one.at && moment(one.at), one.note].filter(Boolean).join(" · ")}</span></span>
                {before && <button className="btn small" aria-expanded={open === one.version} onClick={() => setOpen(open === one.version ? null : one.version)}>What changed</button>}
                {one.version !== playbook.version && mayWrite && <button className="btn small" onClick={() => setBack(one.version)}>Go back to this</button>}
              </div>
              {open === one.version && before && <Changed slug={playbook.slug} from={before.version} to={one.version} />}
            </li>
          );
        })}
      </ol>
      {back !== null && (
        <Box title={`Go back to ${nameOf(back).toLowerCase()}?`} onClose={() => setBack(null)} foot={<><button className="btn" onClick={() => setBack(null)}>Leave it</button><button className="btn primary" disabled={rollback.isPending} onClick={() => rollback.mutate(back)}>Go back</button></>}>
          <p>It is put in force as a new version, so nothing is lost. Asks that were already sent stay sent.</p>
          <Changed slug={playbook.slug} from={playbook.version} to={back} />
        </Box>
      )}
    </>
  );
}

function Changed({ slug, from, to }: { slug: string; from: number; to: number }) {
  const query = useDiff(slug, from, to);
  return (
    <div className={css.changed}>
      <Loaded query={query} bones={<Bones rows={1} />}>
        {({ sentences }) => sentences.length === 0 ? <p className="small muted">Nothing differs.</p> : <ul>{sentences.map((one) => <li key={one}>{one}</li>)}</ul>}
      </Loaded>
    </div>
  );
}
