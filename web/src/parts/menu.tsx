import { useEffect, useId, useRef, useState, type ReactNode } from "react";

import { moveFocus } from "./hooks";
import css from "./menu.module.css";

export type Choice = { id: string; label: ReactNode; hint?: string; checked?: boolean; tone?: "bad" };

/** A button that opens a list of choices; arrows move, Escape closes, letters are left to the browser. */
export function Menu({ label, button, className = "btn", choices, onChoose, side = "down", align = "left", open, onOpen, disabled }: {
  label: string; button: ReactNode; className?: string; choices: Choice[]; onChoose: (id: string) => void;
  side?: "up" | "down"; align?: "left" | "right"; open: boolean; onOpen: (open: boolean) => void; disabled?: boolean;
}) {
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLElement>("[role^='menuitem']")?.focus();
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) onOpen(false);
    };
    window.addEventListener("pointerdown", outside);
    return () => window.removeEventListener("pointerdown", outside);
  }, [open, onOpen]);
  const leave = () => {
    onOpen(false);
    root.current?.querySelector<HTMLElement>("[aria-haspopup]")?.focus();
  };
  return (
    <div
      className={css.root}
      ref={root}
      onKeyDown={(event) => {
        if (!open) return;
        const moves: Record<string, () => void> = {
          ArrowDown: () => moveFocus(root.current, "[role^='menuitem']", 1),
          ArrowUp: () => moveFocus(root.current, "[role^='menuitem']", -1),
          Home: () => moveFocus(root.current, "[role^='menuitem']", "first"),
          End: () => moveFocus(root.current, "[role^='menuitem']", "last"),
          Escape: leave,
          Tab: leave,
        };
        const move = moves[event.key];
        if (!move) return;
        event.preventDefault();
        event.stopPropagation();
        move();
      }}
    >
      <button
        className={className} aria-haspopup="menu" aria-expanded={open} aria-controls={open ? id : undefined} disabled={disabled}
        onClick={() => onOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <div className={css.menu} role="menu" id={id} aria-label={label} data-side={side} data-align={align}>
          <p className={css.title} aria-hidden>{label}</p>
          {choices.map((choice) => (
            <button
              key={choice.id} role={choice.checked === undefined ? "menuitem" : "menuitemradio"} aria-checked={choice.checked}
              tabIndex={-1} className={css.choice} data-tone={choice.tone}
              onClick={() => { leave(); onChoose(choice.id); }}
            >
              <span className="grow">{choice.label}</span>
              {choice.hint && <span className={css.hint}>{choice.hint}</span>}
              {choice.checked && <span className={css.dot} aria-hidden />}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** A menu that keeps its own open state. */
export function SelfMenu(props: Omit<Parameters<typeof Menu>[0], "open" | "onOpen">) {
  const [open, setOpen] = useState(false);
  return <Menu {...props} open={open} onOpen={setOpen} />;
}
