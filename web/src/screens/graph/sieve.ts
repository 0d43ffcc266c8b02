import { useCallback, useMemo, useState } from "react";

import type { Sieve } from "../../graph/scene";

export type SieveControl = {
  value: Sieve;
  toggleNode: (kind: string) => void;
  toggleEdge: (kind: string) => void;
  setLeast: (least: number) => void;
  clear: () => void;
  active: boolean;
};

const flipped = (set: ReadonlySet<string>, one: string): ReadonlySet<string> => {
  const next = new Set(set);
  if (!next.delete(one)) next.add(one);
  return next;
};

/** What the view lets through. */
export function useSieve(): SieveControl {
  const [hiddenNodes, setNodes] = useState<ReadonlySet<string>>(new Set());
  const [hiddenEdges, setEdges] = useState<ReadonlySet<string>>(new Set());
  const [least, setLeast] = useState(0);
  const value = useMemo(() => ({ hiddenNodes, hiddenEdges, least }), [hiddenNodes, hiddenEdges, least]);
  const clear = useCallback(() => { setNodes(new Set()); setEdges(new Set()); setLeast(0); }, []);
  return {
    value, setLeast, clear, active: hiddenNodes.size + hiddenEdges.size > 0 || least > 0,
    toggleNode: (kind) => setNodes((now) => flipped(now, kind)), toggleEdge: (kind) => setEdges((now) => flipped(now, kind)),
  };
}
