import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";

import { read } from "../api/client";
import type { Id, Listing, PersonaRow } from "../api/contract";
import { useSettled } from "../parts/hooks";
import { Icon } from "../parts/icons";
import { Avatar } from "../parts/ui";
import css from "./edge.module.css";

export type Found = { id: Id; kind: "persona" | "company"; name: string; detail: string };

const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** People by name, address, title or company, and the companies among what was found, those named so first. */
function foundIn(rows: PersonaRow[], text: string): Found[] {
  const companies = new Map<Id, Found>();
  for (const row of rows) if (row.company && plain(row.company.name).includes(plain(text))) companies.set(row.company.id, { ...row.company, kind: "company", detail: "Company" });
  const people: Found[] = rows.slice(0, 8).map((row) => ({ id: row.id, kind: "persona", name: row.name, detail: [row.title, row.company?.name].filter(Boolean).join(", ") }));
  return [...[...companies.values()].slice(0, 4), ...people];
}

/** A field that finds a person or a company; arrows choose, Enter takes. */
export function Finder({ label, onFound, chosen, onClear, id, only }: {
  label: string; onFound: (found: Found) => void; chosen?: string; onClear?: () => void; id?: string; only?: Found["kind"];
}) {
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const root = useRef<HTMLDivElement>(null);
  const list = useId();
  const wanted = useSettled(text.trim(), 140);
  const query = useQuery({
    queryKey: ["find", wanted],
    enabled: wanted.length >= 2,
    staleTime: 30_000,
    queryFn: ({ signal }) => read<Listing<PersonaRow>>("/api/personas", { q: wanted, limit: 50 }, signal),
  });
  const options = (wanted.length >= 2 ? foundIn(query.data?.rows ?? [], wanted) : []).filter((one) => !only || one.kind === only);
  const current = Math.min(at, Math.max(0, options.length - 1));
  const shown = open && text.trim().length >= 2;
  useEffect(() => {
    if (!shown) return;
    const outside = (event: PointerEvent) => { if (!root.current?.contains(event.target as Node)) setOpen(false); };
    window.addEventListener("pointerdown", outside);
    return () => window.removeEventListener("pointerdown", outside);
  }, [shown]);
  const take = (found: Found | undefined) => {
    if (!found) return;
    setText("");
    setOpen(false);
    onFound(found);
  };
  return (
    <div className={css.finder} data-chosen={chosen !== undefined} ref={root}>
      <Icon name="search" size={14} />
      <input
        id={id} className="field" role="combobox" aria-label={label} aria-expanded={shown} aria-controls={shown ? list : undefined} aria-autocomplete="list" autoComplete="off"
        aria-activedescendant={shown && options[current] ? `${list}-${current}` : undefined} placeholder={chosen ?? label} value={text}
        onChange={(event) => { setText(event.target.value); setAt(0); setOpen(true); }} onFocus={() => setOpen(true)}
        onBlur={(event) => { if (!root.current?.contains(event.relatedTarget)) setOpen(false); }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt((current + 1) % Math.max(1, options.length));
          else if (event.key === "ArrowUp") setAt((current - 1 + options.length) % Math.max(1, options.length));
          else if (event.key === "Enter") take(options[current]);
          else if (event.key === "Escape") { setText(""); setOpen(false); event.stopPropagation(); return; }
          else return;
          event.preventDefault();
        }}
      />
      {chosen && onClear && text === "" && <button type="button" aria-label={`Clear: ${label}`} onClick={onClear}><Icon name="x" size={13} /></button>}
      {shown && (
        <div className={css.found}>
          {options.length > 0 && <ul id={list} role="listbox" aria-label={label}>
            {options.map((one, i) => (
              <li
                key={`${one.kind}-${one.id}`} id={`${list}-${i}`} role="option" aria-selected={i === current} className={css.option}
                onPointerMove={() => setAt(i)} onMouseDown={(event) => event.preventDefault()} onClick={() => take(one)}
              >
                {one.kind === "persona" ? <Avatar name={one.name} size={24} /> : <Icon name="building-2" size={16} />}
                <span className="grow"><span className="clip strong">{one.name}</span><span className="clip small muted">{one.detail || "Person"}</span></span>
              </li>
            ))}
          </ul>}
          {options.length === 0 && <p className={css.nothing} role="status">{query.isFetching || wanted !== text.trim() ? "Searching" : query.isError ? "The search failed" : `Nobody and no company matches “${text.trim()}”`}</p>}
        </div>
      )}
    </div>
  );
}
