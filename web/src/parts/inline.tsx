import { useEffect, useState, type ReactNode } from "react";

import { Icon } from "./icons";
import css from "./inline.module.css";

/** A sentence whose words can be changed where they stand. */
export function Line({ children, label }: { children: ReactNode; label?: string }) {
  return <div className={css.line} role={label ? "group" : undefined} aria-label={label}>{children}</div>;
}

type Of<T> = { label: string; value: T; onChange: (value: T) => void; disabled?: boolean };

/** What follows a word without a space: a comma, a full stop. */
export function Tail({ children }: { children: ReactNode }) {
  return <span className={css.tail}>{children}</span>;
}

/** One word of several. */
export function Word({ label, value, options, onChange, disabled }: Of<string> & { options: Readonly<Record<string, string>> }) {
  const all = value in options ? Object.entries(options) : [[value, value.replaceAll("_", " ")] as const, ...Object.entries(options)];
  return (
    <select className={css.word} aria-label={label} title={label} value={value} disabled={disabled} onChange={(event) => onChange(event.target.value)}>
      {all.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
    </select>
  );
}

/** A free text in a sentence. */
export function Text({ label, value, onChange, placeholder, disabled, bad }: Of<string> & { placeholder?: string; bad?: boolean }) {
  return <input className={css.word} aria-label={label} title={label} value={value} placeholder={placeholder} disabled={disabled} data-bad={bad} aria-invalid={bad || undefined} onChange={(event) => onChange(event.target.value)} />;
}

/** Several words, parted by commas; they are taken when the field is left, so that a comma can be typed. */
export function Words({ label, value, onChange, placeholder, disabled }: Of<string[]> & { placeholder?: string }) {
  const [text, setText] = useState(value.join(", "));
  const said = value.join(", ");
  useEffect(() => setText(said), [said]);
  const take = () => onChange(text.split(",").map((one) => one.trim()).filter(Boolean));
  return <input className={css.word} aria-label={label} title={label} value={text} placeholder={placeholder} disabled={disabled} onChange={(event) => setText(event.target.value)} onBlur={take} onKeyDown={(event) => { if (event.key === "Enter") take(); }} />;
}

const grouped = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: 6 });
/** 5,000 is five thousand, 12,5 is twelve and a half. */
const figure = (text: string): number => Number(/^\s*\d{1,3}(,\d{3})+(\.\d+)?\s*$/.test(text) ? text.replaceAll(",", "") : text.replace(",", "."));

/** A number in a sentence, between its bounds. What cannot be read is marked and not taken. */
export function Num({ label, value, onChange, min = 0, max = 1_000_000_000, step = 1, disabled }: Of<number> & { min?: number; max?: number; step?: number }) {
  const [text, setText] = useState(grouped(value));
  const [held, setHeld] = useState(value);
  if (held !== value) { setHeld(value); if (figure(text) !== value) setText(grouped(value)); }
  const read = figure(text);
  const bad = text.trim() === "" || !Number.isFinite(read) || read < min || read > max;
  return (
    <input
      className={css.word} inputMode="decimal" aria-label={label} title={bad ? `${label}: between ${min} and ${max}` : label} value={text} disabled={disabled} data-bad={bad} aria-invalid={bad || undefined} step={step}
      onChange={(event) => {
        setText(event.target.value);
        const next = figure(event.target.value);
        if (event.target.value.trim() !== "" && Number.isFinite(next) && next >= min && next <= max) { const kept = step >= 1 ? Math.round(next) : next; setHeld(kept); onChange(kept); }
      }}
      onBlur={() => setText(grouped(value))}
    />
  );
}

/** An amount in whole units, kept in minor ones. Ten thousand times a hundred stays exact in a double. */
export function Amount({ label, value, onChange, currency, disabled }: Of<number> & { currency: string }) {
  const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const scale = 10 ** digits;
  return <><Num label={label} value={value / scale} step={digits ? 0.01 : 1} max={100_000_000} disabled={disabled} onChange={(units) => onChange(Math.round(units * scale))} /><span>{currency}</span></>;
}

export function Add({ children, onClick, label }: { children: ReactNode; onClick: () => void; label?: string }) {
  return <button type="button" className={css.add} aria-label={label} onClick={onClick}><Icon name="plus" size={12} />{children}</button>;
}

export function Drop({ label, onClick }: { label: string; onClick: () => void }) {
  return <button type="button" className={css.drop} aria-label={label} title={label} onClick={onClick}><Icon name="x" size={13} /></button>;
}
