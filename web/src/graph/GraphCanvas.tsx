import { lazy, Suspense, useMemo, useState } from "react";

import { Boundary } from "../parts/boundary";
import { Icon } from "../parts/icons";
import { Bones } from "../parts/states";
import css from "./graph.module.css";
import { clustered } from "./layout";
import { hasGraphicsCard, type CanvasProps, type Controls } from "./paint";

const Drawn = lazy(() => (hasGraphicsCard() ? import("./SigmaCanvas") : import("./FlatCanvas")));

/** The picture, by the graphics card where there is one; loaded only when one is opened. */
export default function GraphCanvas({ label, ...props }: Omit<CanvasProps, "placed" | "controls"> & { label: string }) {
  const placed = useMemo(() => clustered(props.scene), [props.scene]);
  const [controls, setControls] = useState<Controls | null>(null);
  return (
    <div className={css.stage} role="group" aria-label={label}>
      <Boundary what="The picture">
        <Suspense fallback={<Bones rows={4} />}><Drawn {...props} placed={placed} controls={setControls} /></Suspense>
      </Boundary>
      {controls && (
        <div className={css.zoom} role="group" aria-label="Zoom">
          <button className="btn square small" aria-label="Closer" onClick={() => controls.zoom(1.5)}><Icon name="plus" size={14} /></button>
          <button className="btn square small" aria-label="Farther" onClick={() => controls.zoom(1 / 1.5)}><Icon name="minus" size={14} /></button>
          <button className="btn square small" aria-label="Show all" onClick={() => controls.fit()}><Icon name="maximize" size={14} /></button>
        </div>
      )}
    </div>
  );
}
