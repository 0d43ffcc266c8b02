import { createContext, useContext } from "react";

import type { Session } from "./api/contract";

export const SessionContext = createContext<Session | null>(null);

/** The signed-in operator's session; screens are only drawn once it is known. */
export function useKnownSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("no session is known yet");
  return session;
}
