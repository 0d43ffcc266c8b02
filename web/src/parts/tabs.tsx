import { useId, useRef, type ReactNode } from "react";

import { moveFocus } from "./hooks";
import css from "./tabs.module.css";

export type Tab<Key extends string> = { key: Key; label: ReactNode; count?: number };

/** Tabs with arrows between them; `kind` pills filter a list, lines switch a pane. */
export function Tabs<Key extends string>({ tabs, value, onChange, label, kind = "line", panel }: {
  tabs: Tab<Key>[]; value: Key; onChange: (key: Key) => void; label: string; kind?: "line" | "pill"; panel?: string;
}) {
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  const go = (step: number | "first" | "last") => {
    moveFocus(root.current, "[role='tab']", step);
    (document.activeElement as HTMLElement | null)?.click();
  };
  return (
    <div
      className={css.tabs} data-kind={kind} role="tablist" aria-label={label} ref={root}
      onKeyDown={(event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1, Home: "first", End: "last" }[event.key] as number | "first" | undefined;
        if (step === undefined) return;
        event.preventDefault();
        go(step);
      }}
    >
      {tabs.map((tab) => (
        <button
          key={tab.key} role="tab" id={`${id}-${tab.key}`} aria-selected={tab.key === value} aria-controls={panel}
          tabIndex={tab.key === value ? 0 : -1} className={css.tab} onClick={() => onChange(tab.key)}
        >
          {tab.label}
          {tab.count !== undefined && <span className={css.count}>{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}
