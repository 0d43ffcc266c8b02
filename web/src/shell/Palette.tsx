import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { read } from "../api/client";
import type { Listing, PersonaRow } from "../api/contract";
import { useSettled } from "../parts/hooks";
import { Icon, type IconName } from "../parts/icons";
import { Modal } from "../parts/sheet";
import { Avatar } from "../parts/ui";
import { navigate } from "../router";
import { chooseTheme } from "../theme";
import { PLACES } from "./places";
import css from "./shell.module.css";

type Option = { also?: string; id: string; group: string; label: string; note?: string; icon?: IconName; person?: string; run: () => void };

/** One field to go anywhere and find anyone. */
export function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const wanted = useSettled(text.trim(), 150);
  const people = useQuery({
    queryKey: ["palette", wanted],
    enabled: wanted.length >= 2,
    queryFn: ({ signal }) => read<Listing<PersonaRow>>("/api/personas", { q: wanted, limit: 8 }, signal),
  });
  const fixed: Option[] = [
    ...PLACES.map((place) => ({ id: place.to, group: "Go to", label: place.name, also: place.also, icon: place.icon, note: `g ${place.key}`, run: () => navigate(place.to) })),
    { id: "light", group: "Do", label: "Light theme", icon: "sun", run: () => chooseTheme("light") },
    { id: "dark", group: "Do", label: "Dark theme", icon: "moon", run: () => chooseTheme("dark") },
    { id: "system", group: "Do", label: "Theme of this device", icon: "monitor", run: () => chooseTheme("system") },
    { id: "help", group: "Do", label: "Keyboard shortcuts", icon: "keyboard", note: "?", run: onHelp },
  ];
  const options: Option[] = [
    ...fixed.filter((option) => `${option.label} ${option.also ?? ""}`.toLowerCase().includes(text.trim().toLowerCase())),
    ...(wanted.length >= 2 ? (people.data?.rows ?? []) : []).map((row) => ({
      id: row.id, group: "People", label: row.name, note: [row.title, row.company?.name].filter(Boolean).join(", "), person: row.name, run: () => navigate(`/people/${row.id}`),
    })),
  ];
  const current = Math.min(at, Math.max(0, options.length - 1));
  useEffect(() => {
    list.current?.querySelector("[aria-selected='true']")?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const run = (option: Option | undefined) => {
    if (!option) return;
    onClose();
    option.run();
  };
  return (
    <Modal kind="palette" label="Go to a page or find a person" onClose={onClose}>
      <div className={css.palette}>
        <input
          autoFocus role="combobox" aria-expanded aria-controls="palette-list" aria-autocomplete="list" aria-label="Go to a page or find a person"
          aria-activedescendant={options[current] ? `palette-${current}` : undefined} placeholder="Go to a page or find a person" value={text}
          onChange={(event) => { setText(event.target.value); setAt(0); }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") setAt((current + 1) % Math.max(1, options.length));
            else if (event.key === "ArrowUp") setAt((current - 1 + options.length) % Math.max(1, options.length));
            else if (event.key === "Enter") run(options[current]);
            else return;
            event.preventDefault();
          }}
        />
        <ul id="palette-list" role="listbox" aria-label="Results" ref={list}>
          {options.map((option, i) => (
            <li key={option.id} role="presentation">
              {option.group !== options[i - 1]?.group && <p className={css.group} aria-hidden>{option.group}</p>}
              <div
                id={`palette-${i}`} role="option" aria-selected={i === current} className={css.option}
                onMouseMove={() => setAt(i)} onClick={() => run(option)}
              >
                {option.person ? <Avatar name={option.person} size={24} /> : <Icon name={option.icon ?? "arrow-right"} />}
                <span className="clip">{option.label}</span>
                {option.note && <span className="clip small muted" style={{ marginLeft: "auto" }}>{option.note}</span>}
              </div>
            </li>
          ))}
        </ul>
        {options.length === 0 && <p className={css.none} role="status">{people.isFetching ? "Searching" : `Nothing matches “${text}”`}</p>}
      </div>
    </Modal>
  );
}
