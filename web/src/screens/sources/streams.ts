import { useConnectors } from "../../api/sourceQueries";
import { words } from "../../format";

/** The name of a stream in words; what a vendor calls by a version says so last. */
export function streamName(name: string): string {
  const archived = /^(.+)_archived$/.exec(name);
  if (archived) return `Archived ${words(archived[1]!).toLowerCase()}`;
  const older = /^(.+?)(_recent)?_v(\d+)$/.exec(name);
  return older ? `${words(older[1]!)}${older[2] ? ", what changed" : ""} (older API, v${older[3]})` : words(name);
}

/** Streams in the order their connector lists them: what matters most comes first. */
export function useInOrder(connector: string): <T extends { name: string }>(streams: readonly T[]) => T[] {
  const listed = useConnectors().data?.rows.find((one) => one.connector === connector)?.streams.map((one) => one.name) ?? [];
  const place = (name: string) => (listed.includes(name) ? listed.indexOf(name) : listed.length);
  return (streams) => [...streams].sort((a, b) => place(a.name) - place(b.name));
}
