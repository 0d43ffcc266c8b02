import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from "react";

const listeners = new Set<() => void>();
const here = () => window.location.pathname + window.location.search;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

/** Goes to an address of this console; replace keeps the back button short. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (to === here()) return;
  const samePage = to.split("?")[0] === window.location.pathname;
  if (options.replace) window.history.replaceState(null, "", to);
  else window.history.pushState(null, "", to);
  if (!samePage) window.scrollTo(0, 0);
  for (const listener of listeners) listener();
}

/** Where we are: the path and its parameters. */
export function useAddress(): { path: string; params: URLSearchParams } {
  const address = useSyncExternalStore(subscribe, here);
  const [path = "/", query = ""] = address.split("?");
  return { path: path.length > 1 ? path.replace(/\/$/, "") : path, params: new URLSearchParams(query) };
}

/** Changes parameters of the present address; null or "" removes one. */
export function setParams(change: Record<string, string | null>, options: { replace?: boolean } = {}): void {
  const params = new URLSearchParams(window.location.search);
  for (const [key, value] of Object.entries(change)) {
    if (value) params.set(key, value);
    else params.delete(key);
  }
  const query = params.toString();
  navigate(window.location.pathname + (query ? `?${query}` : ""), options);
}

/** The parts of a path that match a pattern such as /people/:id, or null. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (let i = 0; i < wanted.length; i++) {
    const part = wanted[i] ?? "";
    const value = given[i] ?? "";
    if (part.startsWith(":")) found[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return found;
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { to: string };

/** An anchor that stays in the page for a plain click and is a real address for every other. */
export function Link({ to, onClick, ...rest }: LinkProps) {
  const go = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !plain) return;
    event.preventDefault();
    navigate(to);
  };
  return <a href={to} onClick={go} {...rest} />;
}
