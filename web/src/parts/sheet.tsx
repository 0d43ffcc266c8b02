import { useEffect, useRef, type ReactNode } from "react";

import { Icon } from "./icons";
import css from "./sheet.module.css";

type DialogProps = {
  label: string;
  onClose: () => void;
  children: ReactNode;
  kind?: "sheet" | "box" | "palette";
};

/** A modal on the platform's own dialog: focus stays inside, Escape closes, focus returns. */
export function Modal({ label, onClose, children, kind = "box" }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement as HTMLElement | null;
    if (element && !element.open) element.showModal();
    return () => {
      element?.close();
      before?.focus?.();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={css.dialog}
      data-kind={kind}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        close.current();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) close.current();
      }}
    >
      {children}
    </dialog>
  );
}

/** A detail over its list: from the right on a desk, the whole screen on a phone. */
export function Sheet({ title, note, onClose, children, foot, flush = false }: {
  title: ReactNode; note?: ReactNode; onClose: () => void; children: ReactNode; foot?: ReactNode; flush?: boolean;
}) {
  return (
    <Modal kind="sheet" label={typeof title === "string" ? title : "Details"} onClose={onClose}>
      <header className={css.head}>
        <button className="btn quiet square" onClick={onClose} aria-label="Close"><Icon name="x" size={18} /></button>
        <div className="grow">
          <h2 className="clip">{title}</h2>
          {note && <p className="clip small muted">{note}</p>}
        </div>
      </header>
      <div className={css.body} data-flush={flush} tabIndex={-1}>{children}</div>
      {foot && <footer className={css.foot}>{foot}</footer>}
    </Modal>
  );
}

/** A question that needs an answer before going on. */
export function Box({ title, onClose, children, foot }: {
  title: string; onClose: () => void; children: ReactNode; foot: ReactNode;
}) {
  return (
    <Modal label={title} onClose={onClose}>
      <div className={css.boxBody}>
        <h2>{title}</h2>
        {children}
      </div>
      <footer className={css.boxFoot}>{foot}</footer>
    </Modal>
  );
}
